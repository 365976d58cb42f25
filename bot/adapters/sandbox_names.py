"""Names that tell whose a thing is, so that what a killed process left behind can be told from what is in use."""

from __future__ import annotations

import fcntl
import itertools
import os
import time

from bot.adapters.sandbox_processes import start_time

PREFIX = "selfheal-"
MARK = "SELFHEAL_RUN"  # the variable that names the run in the processes that start it
_SETTLE_SECONDS = 5.0
_numbers = itertools.count()


def _space() -> int:
    """Return the number of our process id space: ids mean nothing outside of it."""
    return os.stat("/proc/self/ns/pid").st_ino


def owned_name() -> str:
    """Return a new name: our process id space, process id and start time, then a number."""
    return f"{PREFIX}{_space()}-{os.getpid()}-{start_time(os.getpid())}-{next(_numbers)}"


def claim(folder: str) -> int:
    """Return a descriptor that holds a lock on a folder of ours until it is closed or we are gone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def orphaned(folder: str) -> bool:
    """Return whether a folder was named by `owned_name` in a process that is no more.

    A process of another container can't be looked up: there the lock decides, once the folder is old enough to
    have one.
    """
    parts = os.path.basename(folder).removeprefix(PREFIX).split("-")
    if not os.path.basename(folder).startswith(PREFIX) or len(parts) != 4 or not "".join(parts).isdigit():
        return False
    if int(parts[0]) == _space():
        return start_time(int(parts[1])) != int(parts[2])
    return _unlocked(folder)


def _unlocked(folder: str) -> bool:
    try:
        if time.time() - os.stat(folder).st_mtime < _SETTLE_SECONDS:
            return False
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
