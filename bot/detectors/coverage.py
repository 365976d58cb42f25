"""Code that is used and not tested: coverage checks that fail, files that lost coverage, handlers no test reaches.

Handlers are ranked by use. Whether a test reaches one is told by coverage where it was measured, else by names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.codebase import Symbol, of
from bot.detectors._failures import failure_findings
from bot.detectors._reach import Reach
from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly, HandlerMetrics, RecordedCall
from bot.registry import detector

DROP, LEAST_DROP = 0.05, 0.01  # of a file's lines, and on average over files: less moves with every change
BUSY, OFTEN = 0.01, 10  # share of all executions, and their number: what is used more should not be untested
CALLS = 10  # recorded calls handed on, from which a test can be written


@detector(type="coverage")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each gap in the tests."""
    return anomalies([*failure_findings(seen, "coverage"), *_untested(seen), *_drops(seen)])


def _untested(seen: Seen) -> Iterator[Finding]:
    reach = Reach(seen.codebase, seen.metrics.executed)
    used = _used(seen.metrics.handlers.items())
    known = seen.metrics.calls
    if not used and seen.metrics.executed:  # coverage alone: what is used was told before
        used = _used((name, one) for name, earlier in seen.baseline.handlers.items() for one in earlier)
        known = seen.baseline.calls
    if not used or not (reach.measured or reach.has_tests()):
        return
    total, before = sum(used.values()), Reach(of(dict(seen.codebase.good)))
    for name, count in sorted(used.items(), key=lambda item: -item[1]):
        function = reach.function(name)
        if function is not None and not reach.covers(function):
            calls = tuple(call for call in known if call.handler == name)[:CALLS]
            use = _Use(name, count, count / total, calls)
            lost = before.covers_name(function.name)
            yield _gap(use, function, measured=reach.measured, lost=lost)


def _used(handlers: Iterable[tuple[str, HandlerMetrics]]) -> dict[str, int]:
    """Return how often each handler was used, tests left out."""
    counts: dict[str, int] = {}
    for name, one in handlers:
        if one.count and not one.test:
            counts[name] = counts.get(name, 0) + one.count
    return counts


@dataclass(frozen=True)
class _Use:
    handler: str
    count: int
    share: float
    calls: tuple[RecordedCall, ...]


def _gap(use: _Use, function: Symbol, *, measured: bool, lost: bool) -> Finding:
    how = "no test runs it" if measured else "no test names it or anything that calls it"
    how += ", as tests of the last good version do" if lost else ""
    return Finding(
        type="coverage",
        cause=f"untested:{function.file}:{function.qualname}",
        severity="medium" if (use.share >= BUSY and use.count >= OFTEN) or lost else "low",
        description=f"{use.handler} ran {use.count:,} times ({use.share:.1%} of all executions), and {how}",
        confidence=0.95 if measured else 0.8,
        handler=use.handler,
        metrics={
            "pattern": "untested",
            "file": function.file,
            "line": function.line,
            "function": function.qualname,
            "count": use.count,
            "share": round(use.share, 6),
            "measured": measured,
            "lost": lost,
            "calls": [call.model_dump() for call in use.calls],
        },
        evidence=(f"{function.file}:{function.line}",),
    )


def _drops(seen: Seen) -> Iterator[Finding]:
    """Yield the files that lost a twentieth of their covered lines or more, when all lost a hundredth on average."""
    now, before = seen.metrics.coverage, seen.baseline.coverage
    both = sorted(set(now) & set(before))
    if not both or sum(before[f] - now[f] for f in both) / len(both) < LEAST_DROP:
        return
    for file in both:
        lost = before[file] - now[file]
        if lost >= DROP:
            yield Finding(
                type="coverage",
                cause=f"drop:{file}",
                severity="medium" if lost >= 4 * DROP else "low",
                description=f"the tests cover {now[file]:.0%} of {file}; it was {before[file]:.0%}",
                confidence=0.9,
                handler=file.rpartition("/")[2],
                metrics={"pattern": "coverage-drop", "file": file, "line": 1, "now": now[file], "before": before[file]},
            )
