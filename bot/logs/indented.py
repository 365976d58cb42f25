"""Moves a tool's output to the margin that a script printed further in, or behind a bar."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from bot.logs.patterns import rx

RULE = rx(
    r"^(?P<pad> {1,12}|\t| {0,4}[|>] {0,2})={3,} (?:test session starts|ERRORS|FAILURES|short test summary info"
    r"|warnings summary)(?: \(.*\))? ={3,}$"
)
MOST = 50  # blocks moved in one log


def unindented(text: bytes) -> bytes:
    """Return the lines with each block that holds a rule of pytest moved out by what stands before the rule."""
    if b"= " not in text or RULE.first(text) < 0:
        return text
    lines = text.split(b"\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    done = -1
    for offset, groups in list(RULE.hits(text))[:MOST]:
        at = bisect_right(starts, offset) - 1
        if at > done:
            done = _moved(lines, at, groups["pad"].encode())
    return b"\n".join(lines)


def _moved(lines: list[bytes], at: int, pad: bytes) -> int:
    """Move the block around a line out, in place; return its last line."""
    first = last = at
    while first > 0 and _inside(lines[first - 1], pad):
        first -= 1
    while last + 1 < len(lines) and _inside(lines[last + 1], pad):
        last += 1
    for index in range(first, last + 1):
        lines[index] = lines[index].removeprefix(pad)
    return last


def _inside(line: bytes, pad: bytes) -> bool:
    return line.startswith(pad) or not line.strip(b" \t\r|>")
