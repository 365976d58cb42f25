"""How much of a stranger's file is read, and why that much."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Sizes in bytes. A log over `log` keeps `head` and the rest as its tail, where failures are told."""

    line: int = 16_384
    log: int = 50_000_000
    short: int = 50  # what a shorter line counts: a line costs memory and time whatever its length
    head: int = 10_000_000
    members: int = 2_000
    member: int = 50_000_000
    archive: int = 200_000_000
    ratio: int = 200
    small: int = 1_000_000  # a member of this size is read whatever its ratio: short logs of one repeated line exist
    report: int = 50_000_000
    depth: int = 64  # nesting of a JSON or XML report
