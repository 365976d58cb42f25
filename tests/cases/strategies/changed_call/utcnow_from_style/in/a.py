from datetime import datetime


def now(stamp):
    return datetime.utcnow(), datetime.utcfromtimestamp(stamp / 1000)
