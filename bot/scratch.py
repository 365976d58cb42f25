"""Folders and names that tell whose they are: what a killed process left behind is told from what is in use.

Every temporary folder of ours is made here, so that the next start can remove it when its process was killed.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "selfheal-"
MARK = "SELFHEAL_RUN"  # the variable that names the run in the processes that start it
_SETTLE_SECONDS = 5.0
_numbers = itertools.count()


def _space() -> int:
    """Return the number of our process id space, outside of which ids mean nothing; 0 where there are no spaces."""
    with suppress(OSError):
        return os.stat("/proc/self/ns/pid").st_ino
    return 0


def start_time(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 when there is none."""
    with suppress(OSError):
        return int(Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    return 0


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new folder that is removed on leaving, and by the next start's sweep when we are killed before."""
    folder = Path(tempfile.gettempdir(), owned_name())
    folder.mkdir(mode=0o700)
    lock = claim(str(folder))
    try:
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


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
