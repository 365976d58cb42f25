"""The part of the logs that explains the failure, in at most 20,000 characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.logs.findings import Found
from bot.logs.judge import Judged
from bot.logs.lines import Log
from bot.logs.patterns import Rx, rx

SIZE = 20_000
WIDTH = 500
RESULT = rx(
    r"^(?:Found \d+ (?:errors?|problems?)|.*\b\d+ (?:failed|errors?|problems?|failures?)\b|FAILED|Ran \d+ tests?"
    r"|Tests?:|Test Suites:|\S.*\.{3,}Failed$"
    r"|- hook id:|FAIL\b|--- FAIL|.* FAILED$|.*(?:error|warning)s? generated|make: \*\*\*|ERROR:|BUILD FAILED"
    r"|Execution failed|\* What went wrong)"
)
SIGNAL = rx(
    r"(?i)\berror\b|errors?:|\bfail|exception|traceback|fatal|panic|not found|cannot |could ?n.t|could not|unable"
    r" to|denied|timed? ?out"
    r"|killed|assert|no such file|undefined|unresolved|invalid|exit code|exited with|^E   |conflict|mismatch"
    r"|missing|unexpected|✗|✖|✘|×|●"
)


def excerpt(judged: Sequence[Judged], size: int = SIZE) -> str:
    """Return the lines that tell most, in the order of the logs: exits, roots, results, what stands around them."""
    bad = [one for one in judged if one.verdict == "failed"]
    if not bad:
        return ""
    share = size // len(bad)
    parts = []
    for one in bad:
        head = f"== {one.log.name}\n" if len(bad) > 1 else ""
        parts.append(head + _of(one, share - len(head) - 1))
    return "\n".join(parts)[:size]


def _of(judged: Judged, size: int) -> str:
    log = judged.log
    chosen: set[int] = set()
    left = size
    for index in _wanted(judged):
        if index in chosen or not 0 <= index < len(log):
            continue
        cost = min(len(log.shown(index)), WIDTH) + 1
        if cost <= left:
            chosen.add(index)
            left -= cost
    return "\n".join(log.shown(i)[:WIDTH] for i in sorted(chosen))


def _wanted(judged: Judged) -> Iterator[int]:
    """Yield line indexes, the most telling first; the same line may come again."""
    log = judged.log
    failed = [step for step in judged.steps if step.failed]
    exits = [step.exit_index for step in failed if step.exit_index is not None]
    roots = _apart(judged.found)
    yield from exits
    yield from (step.start for step in failed)
    yield from roots[:30]
    spans = [(step.start, step.end) for step in failed] or [(0, len(log))]
    yield from _ends([i for a, b in spans for i in _marked(log, a, b)], 15, 25)
    for root in roots[:3]:
        yield from _around(root, 10, 8)
    for last in exits or [len(log) - 1]:
        yield from _around(last, 30, 0)
    yield from _ends([i for a, b in spans for i in _matches(log, RESULT, a, b)], 30, 50)
    for root in roots[3:10]:
        yield from _around(root, 6, 4)
    yield from _ends([i for a, b in spans for i in _matches(log, SIGNAL, a, b)], 60, 100)
    yield from _ends(_marked(log, 0, len(log)), 10, 10)
    for last in exits or [len(log) - 1]:
        yield from _around(last, 100, 3)
    for root in roots[:10]:
        yield from _around(root, 40, 15)
    yield from _ends(_matches(log, SIGNAL, 0, len(log)), 60, 100)
    for last in exits:
        yield from _around(last, 400, 10)


def _apart(found: Iterable[Found]) -> list[int]:
    """Return the root lines, those of causes not yet seen before those of causes that were."""
    first: dict[tuple[object, ...], int] = {}
    rest: list[int] = []
    for one in found:
        key = (one.klass, one.exception, one.code or one.message)
        if key in first:
            rest.append(one.index)
        else:
            first[key] = one.index
    return [*first.values(), *rest]


def _around(index: int, before: int, after: int) -> list[int]:
    return [*range(index, index - before, -1), *range(index + 1, index + after)]


def _ends(indexes: Sequence[int], first: int, last: int) -> list[int]:
    return [*indexes[:first], *reversed(indexes[first:][-last:])]


def _matches(log: Log, pattern: Rx, start: int, end: int) -> list[int]:
    """Return the lines that match, each text once."""
    texts: dict[str, int] = {}
    for hit in log.find(pattern, start, end):
        texts.setdefault(log.line(hit.index)[:200], hit.index)
    return sorted(texts.values())


def _marked(log: Log, start: int, end: int) -> list[int]:
    return [i for i, level in log.levels.items() if start <= i < end and level in ("error", "warning")]
