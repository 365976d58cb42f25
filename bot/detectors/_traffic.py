"""How much each handler is used: surges, handlers never seen before, and handlers that are gone.

Shares of all executions are compared, not counts, so that more traffic or a longer log is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.detectors._rates import risen
from bot.detectors._seen import Finding, Seen

SURGE = 2.0  # times the usual share
ENOUGH = 20  # executions under which nothing is said
P = 1e-6  # traffic moves with users, so far more than chance is asked for


def traffic_findings(seen: Seen) -> Iterator[Finding]:
    """Yield surges, new and vanished handlers, all of severity low but a handler that vanished."""
    now = {name: one.count for name, one in seen.metrics.handlers.items() if not one.test}
    past = {
        name: sum(one.count for one in found)
        for name, found in seen.baseline.handlers.items()
        if not any(one.test for one in found)
    }
    if sum(now.values()) < ENOUGH or sum(past.values()) < ENOUGH:
        return
    yield from _surges(now, past)
    yield from _gone(now, past, seen)


def _surges(now: Mapping[str, int], past: Mapping[str, int]) -> Iterator[Finding]:
    total, total_before = sum(now.values()), sum(past.values())
    for name, count in now.items():
        before = past.get(name, 0)
        if not before and count >= ENOUGH:
            yield _finding(name, "new-handler", f"{name} was never seen before: {count:,} executions", count, 0.0)
        elif before and count >= ENOUGH:
            ratio = (count / total) / (before / total_before)
            if ratio >= SURGE and risen(count, total, before, total_before) < P:
                said = f"{name} is called {ratio:.1f} times as often as usual among all handlers"
                yield _finding(name, "surge", said, count, ratio)


def _gone(now: Mapping[str, int], past: Mapping[str, int], seen: Seen) -> Iterator[Finding]:
    total, total_before = sum(now.values()), sum(past.values())
    for name, before in past.items():
        always = len(seen.baseline.handlers[name]) == seen.baseline.windows
        expected = before / total_before * total
        if name not in now and always and expected >= ENOUGH:
            said = f"{name} is not called any more; about {expected:,.0f} executions were to be expected"
            yield _finding(name, "vanished-handler", said, 0, 0.0)


def _finding(name: str, pattern: str, said: str, count: int, ratio: float) -> Finding:
    return Finding(
        type="behavioral",
        cause=f"{pattern}:{name}",
        severity="medium" if pattern == "vanished-handler" else "low",
        description=said,
        confidence=0.8,
        handler=name,
        metrics={"pattern": pattern, "count": count, "ratio": round(ratio, 3)},
    )
