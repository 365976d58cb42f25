"""Two edits together, first those where one alone already gets further.

A first edit that makes a failing test pass, or fail later or otherwise, is a step on the way; each such step is joined
with the likeliest other edits. Where there is none, any edit is a step. Edits that touch each other are left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from bot.search.values import Candidate, Fault, Observation, Verdict

MOST_STEPS, MOST_OTHERS = 40, 3_000  # steps that get further, each with so many others; of other steps as many
JOINED = 1.0  # what it costs to need two edits instead of one
FURTHER = 2.0  # how much likelier a step is for each test it makes pass


@dataclass(frozen=True)
class Step:
    """An edit that gets further: `gain` counts the tests it makes pass, and a half where it only fails later."""

    candidate: Candidate
    gain: float


def gain(before: Observation, verdict: Verdict) -> float:
    """Return how much further a candidate gets than the code as it is; 0 when it does not."""
    if verdict.status not in ("failed", "over"):
        return 0.0
    if verdict.passed_tests:
        return float(verdict.passed_tests)
    if verdict.fault is None or before.fault is None:
        return 0.0
    return 0.5 if _later(before.fault, verdict.fault) else 0.0


def _later(before: Fault, now: Fault) -> bool:
    """Return whether the test got further: to a later line of itself, or from a crash to a wrong answer."""
    if not (before.frames and now.frames) or before.frames[0][0] != now.frames[0][0]:
        return False
    test = before.frames[0][0]
    for (file, line, _), (other, its, _) in zip(before.frames, now.frames, strict=False):
        if file != test or other != test:
            break
        if its != line:
            return its > line
    return now.type == "AssertionError" != before.type and len(now.frames) < len(before.frames)


def pairs(steps: Sequence[Step], others: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield joined edits in order of their common cost."""
    chosen = sorted(steps, key=lambda step: step.candidate.cost - FURTHER * step.gain)
    chosen = chosen[: MOST_STEPS if any(step.gain for step in steps) else MOST_OTHERS]
    likely = sorted(others, key=lambda one: one.cost)[:MOST_OTHERS]
    order = count()
    heap: list[tuple[float, int, Step, float, int]] = []
    for step in chosen:
        own = step.candidate.cost - FURTHER * step.gain + JOINED
        if likely:
            heapq.heappush(heap, (own + likely[0].cost, next(order), step, own, 0))
    seen = set()
    while heap:
        _, _, step, own, at = heapq.heappop(heap)
        joined = _joined(step.candidate, likely[at], own + likely[at].cost)
        if joined is not None and joined.edits not in seen:
            seen.add(joined.edits)
            yield joined
        if at + 1 < len(likely):
            heapq.heappush(heap, (own + likely[at + 1].cost, next(order), step, own, at + 1))


def _joined(one: Candidate, other: Candidate, cost: float) -> Candidate | None:
    edits = tuple(sorted((*one.edits, *other.edits)))
    for left, right in pairwise(edits):
        if left.file == right.file and left.end >= right.start:
            return None
    name = one.operator if one.operator == other.operator else f"{one.operator} and {other.operator}"
    return Candidate(edits, name, cost, one.function, one.line)
