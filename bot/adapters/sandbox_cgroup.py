"""A control group for each run, where the machine lets us make one: it bounds memory and processes exactly."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.adapters.sandbox_processes import start_time
from bot.ports import Limits

PREFIX = "selfheal-"
_ROOT = Path("/sys/fs/cgroup")
_numbers = itertools.count()


def owned_name() -> str:
    """Return a new name that tells whose it is: our process id and start time, then a number."""
    return f"{PREFIX}{os.getpid()}-{start_time(os.getpid())}-{next(_numbers)}"


def orphaned(name: str) -> bool:
    """Return whether a name of `owned_name` belongs to a process that is no more."""
    parts = name.removeprefix(PREFIX).split("-")
    if not name.startswith(PREFIX) or len(parts) < 3 or not (parts[0] + parts[1]).isdigit():
        return False
    return start_time(int(parts[0])) != int(parts[1])


@dataclass(frozen=True)
class Group:
    """One control group; `memory` and `pids` are its folders, which are one and the same in version 2."""

    memory: Path | None
    pids: Path | None

    @property
    def complete(self) -> bool:
        """Return whether memory and processes are both bounded by it."""
        return self.memory is not None and self.pids is not None

    def add(self, pid: int) -> None:
        """Put a process, and all it will start, under the group."""
        for folder in {self.memory, self.pids} - {None}:
            (folder / "cgroup.procs").write_text(str(pid))  # type: ignore[operator]


@cache
def parents() -> dict[str, Path]:
    """Return where groups for `memory` and `pids` can be made here; what can't is missing."""
    own = _own_paths()
    found: dict[str, Path] = {}
    for controller in ("memory", "pids"):
        places = [_ROOT / controller / own[controller].lstrip("/")] if controller in own else []
        places += [_ROOT / controller] if controller in own else [_ROOT / own.get("", "").lstrip("/"), _ROOT]
        usable = next((place for place in places if _usable(place, controller)), None)
        if usable is not None:
            found[controller] = usable
    return found


def _own_paths() -> dict[str, str]:
    """Return our group's path by controller; the unified hierarchy has the empty name."""
    with suppress(OSError):
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        return {name: line.split(":", 2)[2] for line in lines for name in line.split(":", 2)[1].split(",")}
    return {}


def _usable(place: Path, controller: str) -> bool:
    trial = place / owned_name()
    bound = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max",)}[controller]
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return any((trial / name).exists() for name in bound)
    finally:
        trial.rmdir()


def _write(folder: Path, name: str, value: int) -> None:
    with suppress(OSError):
        (folder / name).write_text(str(value))


@contextmanager
def group(limits: Limits, *, extra_bytes: int) -> Iterator[Group | None]:
    """Make a group for one run and remove it afterwards; None where none can be made.

    Files in memory count as memory, so `extra_bytes` is what the job may write on top of the limit.
    """
    places = parents()
    name = owned_name()
    made = {controller: place / name for controller, place in places.items()}
    if not made:
        yield None
        return
    for folder in made.values():
        folder.mkdir(exist_ok=True)
    try:
        if "memory" in made:
            for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max"):
                if (made["memory"] / file).exists():
                    _write(made["memory"], file, (limits.memory_mb << 20) + extra_bytes)
            _write(made["memory"], "memory.swap.max", 0)
        if "pids" in made:
            _write(made["pids"], "pids.max", limits.processes)
        yield Group(made.get("memory"), made.get("pids"))
    finally:
        for folder in made.values():
            remove(folder)


def remove(folder: Path) -> None:
    """Remove a group's folder, waiting a moment for its last process to be gone."""
    for _ in range(100):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
