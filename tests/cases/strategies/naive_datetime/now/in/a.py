from datetime import datetime


def late(due):
    return due < datetime.now()


def other():
    return datetime.now()
