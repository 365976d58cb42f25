"""What the processes below one of ours take: for machines that offer no cgroup to bound them."""

from __future__ import annotations

import os

_PAGES_PER_MB = (1 << 20) // os.sysconf("SC_PAGE_SIZE")


def start_time(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 when there is none."""
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


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


def memory_mb(root: int) -> int:
    """Return the resident memory of all processes below `root`, shared pages counted for each, in megabytes."""
    return sum(descendants(root).values()) // _PAGES_PER_MB
