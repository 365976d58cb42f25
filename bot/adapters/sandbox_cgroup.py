"""A control group for each run, where the machine lets us make one: it bounds memory and processes exactly.

Both versions of the kernel's interface are known; a controller that can't be had is simply missing from the group,
and the sandbox bounds that quantity another way.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.ports import Limits
from bot.scratch import claim, owned_name

_ROOT = Path("/sys/fs/cgroup")
_BOUNDS = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max",)}
_REMOVE_SECONDS = 2.0


@dataclass(frozen=True)
class Group:
    """One control group; `memory` and `pids` are its folders, one and the same in version 2, None where missing."""

    memory: Path | None = None
    pids: Path | None = None

    def add(self, pid: int) -> None:
        """Put a process, and all it will start, under the group."""
        for folder in {self.memory, self.pids}:
            if folder is not None:
                (folder / "cgroup.procs").write_text(str(pid))

    def stop_forks(self) -> None:
        """Let nothing in the group start another process: what is to be killed can't outrun it then."""
        if self.pids is not None:
            _bound(self.pids, "pids.max", 0)

    def memory_mb(self) -> int:
        """Return the memory in use, files in memory left out, in megabytes; 0 where it is not counted."""
        if self.memory is None:
            return 0
        with suppress(OSError):
            lines = (line.split() for line in (self.memory / "memory.stat").read_text().splitlines())
            return next((int(line[1]) >> 20 for line in lines if line[0] in ("total_rss", "anon")), 0)
        return 0

    def starved(self) -> bool:
        """Return whether the kernel killed a process for want of memory."""
        if self.memory is None:
            return False
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                lines = (line.split() for line in (self.memory / name).read_text().splitlines())
                return any(line[0] == "oom_kill" and line[1] != "0" for line in lines)
        return False


@cache
def parents() -> dict[str, Path]:
    """Return where groups for `memory` and `pids` can be made here; what can't is missing."""
    own = _own_paths()
    found: dict[str, Path] = {}
    for controller in _BOUNDS:
        usable = next((place for place in _places(controller, own) if _usable(place, controller)), None)
        if usable is not None:
            found[controller] = usable
    return found


def _places(controller: str, own: dict[str, str]) -> list[Path]:
    """Return the folders to try: below our own group first, then at the top."""
    top = _ROOT / controller if controller in own else _ROOT
    path = own.get(controller, own.get("", "/"))
    return list(dict.fromkeys((top / path.lstrip("/"), top)))


def _own_paths() -> dict[str, str]:
    """Return our group's path by controller; the unified hierarchy has the empty name."""
    with suppress(OSError):
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        return {name: line.split(":", 2)[2] for line in lines for name in line.split(":", 2)[1].split(",")}
    return {}


def _usable(place: Path, controller: str) -> bool:
    trial = place / owned_name()
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return any((trial / name).exists() for name in _BOUNDS[controller])
    finally:
        trial.rmdir()


def _bound(folder: Path, name: str, value: int) -> None:
    if (folder / name).exists():
        with suppress(OSError):
            (folder / name).write_text(str(value))


@contextmanager
def group(limits: Limits, *, extra_bytes: int) -> Iterator[Group]:
    """Make a group for one run, empty-handed where none can be made, and remove it afterwards.

    Files in memory count as memory, so `extra_bytes` is what the job may write on top of the limit.
    """
    name = owned_name()
    made = Group(**{controller: place / name for controller, place in parents().items()})
    folders = [folder for folder in {made.memory, made.pids} if folder is not None]
    locks = []
    try:
        for folder in folders:
            folder.mkdir()
            locks.append(claim(str(folder)))
        if made.memory is not None:
            for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max"):
                _bound(made.memory, file, (limits.memory_mb << 20) + extra_bytes)
            _bound(made.memory, "memory.swap.max", 0)
        if made.pids is not None:
            _bound(made.pids, "pids.max", limits.processes)
        yield made
    finally:
        for folder in folders:
            remove(folder)
        for lock in locks:
            os.close(lock)


def remove(folder: Path) -> None:
    """Kill what is left in a group and remove it; a group that stays busy is left to the next start's sweep."""
    end = time.monotonic() + _REMOVE_SECONDS
    while folder.exists() and time.monotonic() < end:
        with suppress(OSError):
            for pid in (folder / "cgroup.procs").read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.005)
