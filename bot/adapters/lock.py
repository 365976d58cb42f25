"""One process writes to a state folder at a time; the lock goes with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import Misconfigured

FILE = "lock"


class Holding:
    """The lock on a state folder, held until `release`."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises `Misconfigured` naming the holder when another process has it."""
        self._file = (folder / FILE).open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = holder(folder)
            self._file.close()
            raise Misconfigured(
                f"the state folder {folder} is in use by process {who}",
                hint="Stop it, name another folder with --state, or use a command that only reads.",
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the lock back; once more does nothing."""
        self._file.close()


def holder(folder: Path) -> str:
    """Return the process id written by whoever holds or last held the lock, or `unknown`."""
    try:
        return (folder / FILE).read_text("ascii").strip() or "unknown"
    except OSError:
        return "unknown"


def held(folder: Path) -> bool:
    """Return whether a process holds the lock now."""
    try:
        with (folder / FILE).open("r", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
