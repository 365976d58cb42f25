from datetime import datetime, timezone


def late(due):
    return due < datetime.now(timezone.utc)
