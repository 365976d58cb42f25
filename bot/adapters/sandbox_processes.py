"""What a run's processes may take and do take: limits of the kernel, and counting where there is no cgroup."""

from __future__ import annotations

import os
import platform
import resource
from contextlib import suppress

from bot.ports import Limits

_PAGES_PER_MB = (1 << 20) // os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int | str) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on (the second may hold spaces), or an empty list."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def descendants(root: int) -> dict[int, int]:
    """Return all processes below `root`, itself left out, with their resident pages."""
    parents: dict[int, tuple[int, int]] = {}
    for name in os.listdir("/proc"):
        fields = _stat(name) if name.isdigit() else []
        if len(fields) > 21:
            parents[int(name)] = (int(fields[1]), int(fields[21]))
    found: dict[int, int] = {}
    below = {root}
    while below:
        below = {pid for pid, (parent, _) in parents.items() if parent in below and pid not in found}
        found.update((pid, parents[pid][1]) for pid in below)
    return found


def count(root: int) -> int:
    """Return how many processes there are below `root`."""
    return len(descendants(root))


def exceeds(root: int, limit_mb: int) -> bool:
    """Return whether the processes below `root` hold more memory than a limit, pages they share counted once.

    Resident pages, counted for each, are cheap to read; the exact share is looked at only when they exceed it.
    """
    found = descendants(root)
    if sum(found.values()) // _PAGES_PER_MB <= limit_mb:
        return False
    return sum(_share_kb(pid, pages) for pid, pages in found.items()) >> 10 > limit_mb


def _share_kb(pid: int, pages: int) -> int:
    """Return a process's proportional share of memory in kilobytes, or all its resident pages when it hides it."""
    with suppress(OSError), open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
    return pages * 1024 // _PAGES_PER_MB


def rlimits(limits: Limits, *, memory: bool) -> dict[int, int]:
    """Return the kernel's per-process limits for a job by their number; `memory` bounds address space as well."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: (int(limits.seconds) + 2) * (os.cpu_count() or 1),
        resource.RLIMIT_FSIZE: limits.disk_mb << 20,
        resource.RLIMIT_NOFILE: 1024,
    }
    if memory:
        wanted[resource.RLIMIT_AS] = limits.memory_mb << 20
    return {kind: _at_most(value, resource.getrlimit(kind)[1]) for kind, value in wanted.items()}


def _at_most(value: int, hard: int) -> int:
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


def process_bound(wanted: int, *, shared: bool = False) -> int:
    """Return the RLIMIT_NPROC that lets a job have `wanted` processes.

    The kernel counts all of a user's processes; from 5.14 on those of a user namespace apart (`shared` false).
    """
    apart = not shared and tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2]) >= (5, 14)
    return wanted if apart else wanted + _ours()


def _ours() -> int:
    """Return how many processes and threads our user has."""
    threads = 0
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.geteuid():
                threads += len(os.listdir(f"/proc/{name}/task"))
    return threads
