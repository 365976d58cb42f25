"""The part of the logs that explains the failure, in at most 20,000 characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.logs.judge import Judged
from bot.logs.lines import Log
from bot.logs.patterns import rx

SIZE = 20_000
WIDTH = 400
SIGNAL = rx(
    r"(?i)\berror\b|\bfail|exception|traceback|fatal|panic|not found|cannot |could not|unable to|denied|timed out"
    r"|timeout|killed"
    r"|assert|no such file|undefined|unresolved|invalid|exit code|exited with|^E   |conflict|warning as error|missing"
)


def excerpt(judged: Sequence[Judged], size: int = SIZE) -> str:
    """Return the lines around each failure, then other lines that speak of trouble, in the order of the logs."""
    parts: list[str] = []
    bad = [j for j in judged if j.verdict == "failed"]
    if not bad:
        return ""
    share = size // len(bad)
    for one in bad:
        head = f"== {one.log.name}\n" if len(bad) > 1 else ""
        parts.append(head + _of(one, share - len(head)))
    return "\n".join(parts)[:size]


def _of(judged: Judged, size: int) -> str:
    log = judged.log
    chosen: set[int] = set()
    left = size
    for index in _wanted(judged):
        if index in chosen or not 0 <= index < len(log):
            continue
        cost = min(len(log.line(index)), WIDTH) + 1
        if cost > left:
            continue
        chosen.add(index)
        left -= cost
    return "\n".join(log.line(i)[:WIDTH] for i in sorted(chosen))


def _wanted(judged: Judged) -> Iterable[int]:
    log = judged.log
    roots = [f.index for f in judged.found]
    exits = [s.exit_index for s in judged.steps if s.failed and s.exit_index is not None]
    yield from roots[:40]
    yield from exits
    for root in roots[:10]:
        yield from _around(root, 12, 6)
    for last in exits:
        yield from _around(last, 40, 0)
    signals = _signals(log, judged)
    yield from signals[:60]
    yield from signals[-150:]
    if not exits:
        yield from range(len(log) - 1, max(0, len(log) - 60), -1)
    for root in roots[:10]:
        yield from _around(root, 40, 10)
    for last in exits:
        yield from _around(last, 100, 0)


def _around(index: int, before: int, after: int) -> Iterable[int]:
    return [*range(index, index - before, -1), *range(index + 1, index + after)]


def _signals(log: Log, judged: Judged) -> list[int]:
    seen: list[int] = []
    texts: set[str] = set()
    for hit in log.find(SIGNAL):
        text = log.line(hit.index)
        if (not seen or seen[-1] != hit.index) and text not in texts:
            seen.append(hit.index)
            texts.add(text)
    return seen
