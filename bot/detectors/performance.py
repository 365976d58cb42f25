"""Handlers that take too long: against the time declared for them, their own past, and the repository's objectives.

Against the past, levels (trimmed means, as robust as medians) are compared after taking out what all handlers share.
A handler counts as slower when the rank test gives p < 0.001 and the ratio is at least 1.15 and at least exp(2.75
times the deviation that it has when nothing changed: the handler's own jitter, and that of a level of so many samples).
Where the past is too short to know that, what ran at about the same time must not be slower alike. Below ten samples
nothing is said. A slow-down of everything is a finding of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from bot.detectors._history import Step, steps
from bot.detectors._jitter import width
from bot.detectors._objectives import Breach, breaches, objectives
from bot.detectors._seen import Finding, Seen, anomalies
from bot.detectors._tests import FEW, SlowTest, slow_tests
from bot.detectors._timing import Fleet, Timing
from bot.model import Anomaly, HandlerMetrics, Severity
from bot.proof.ranks import Shift, shift
from bot.registry import detector
from bot.telemetry.timestamps import iso
from bot.telemetry.words import counted

OVER = 1.5  # times the declared time: the rule of the specification
FLOOR, UNKNOWN_FLOOR = 1.15, 1.3  # least ratio; the second where the past is too short to know a handler's jitter
WIDTH = 2.75  # deviations that are still usual: 3 of 1,000 lie above when all is known exactly
P = 0.001
FELT_MS = 0.005  # a difference below that is as much the measuring's as the handler's
RUN_WIDE, RUN_WIDTH = 1.2, 4.0
_SCALE: tuple[tuple[float, Severity], ...] = ((3.0, "critical"), (2.0, "high"), (1.5, "medium"))


@detector(type="performance")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each handler and rule that is broken."""
    fleet = Fleet(seen.metrics, seen.baseline)
    declared = [*_declared(seen)]
    slower = [*_slower(fleet)]
    told = {finding.handler for finding in slower}
    lasting = [_lasting(step) for step in steps(seen.metrics, seen.baseline) if step.handler not in told]
    promised = breaches(seen.metrics, seen.baseline, objectives(seen.codebase))
    tests = map(_slow_test, slow_tests(seen.metrics, seen.baseline))
    return anomalies([*declared, *slower, *_run_wide(fleet), *lasting, *map(_breach, promised), *tests])


def severity(ratio: float) -> Severity:
    """Return the severity of being `ratio` times slower than wanted: 1.5 medium, 2 high, 3 critical."""
    return next((level for least, level in _SCALE if ratio >= least), "low")


def _declared(seen: Seen) -> Iterable[Finding]:
    for name, handler in seen.metrics.handlers.items():
        if handler.expected_ms and handler.avgTime > OVER * handler.expected_ms:
            yield _over(name, handler, handler.expected_ms)


def _over(name: str, handler: HandlerMetrics, expected: float) -> Finding:
    ratio = handler.avgTime / expected
    return Finding(
        type="performance",
        cause=f"declared:{name}",
        severity=severity(ratio),
        description=f"{name} takes {handler.avgTime:.3g} ms on average, {ratio:.2f} times the {expected:g} ms declared",
        confidence=0.95 if handler.count >= 10 else 0.7,
        handler=name,
        metrics={
            "rule": "declared",
            "ratio": round(ratio, 3),
            "avgTime": handler.avgTime,
            "expected_ms": expected,
            "count": handler.count,
        },
        evidence=(f"{handler.count:,} executions: median {handler.p50:.3g} ms, p95 {handler.p95Time:.3g} ms",),
    )


def _slower(fleet: Fleet) -> Iterable[Finding]:
    for timing in fleet.timings():
        floor = UNKNOWN_FLOOR
        if timing.spread is not None:
            floor = max(FLOOR, math.exp(width(WIDTH, timing.dof) * timing.spread))
        if timing.ratio < floor:
            continue
        moved = shift(timing.before.tolist(), timing.now.tolist())
        if moved.p_greater < P:
            yield _against_past(timing, moved, floor)


def _against_past(timing: Timing, moved: Shift, floor: float) -> Finding:
    factor = timing.factor
    now = float(np.median(timing.now)) * factor
    felt = now - timing.usual >= FELT_MS
    shared = f" (everything is {factor:.2f} times as slow)" if factor >= 1.05 else ""
    return Finding(
        type="performance",
        cause=f"past:{timing.handler}",
        severity=severity(timing.ratio) if felt else "low",
        description=f"{timing.handler} is {timing.ratio:.2f} times slower than usual: a median of {now:.3g} ms "
        f"against {timing.usual:.3g} ms{shared}",
        confidence=0.95 if timing.spread is not None else 0.75,
        handler=timing.handler,
        metrics={
            "rule": "baseline",
            "ratio": round(timing.ratio, 3),
            "median_ms": round(now, 6),
            "baseline_ms": round(timing.usual, 6),
            "floor": round(floor, 3),
            "run_factor": round(factor, 3),
            "p_value": moved.p_greater,
            "count": len(timing.now),
        },
        evidence=(f"rank test of {moved.counts[1]:,} against {moved.counts[0]:,} samples: p = {moved.p_greater:.1e}",),
    )


def _run_wide(fleet: Fleet) -> Iterable[Finding]:
    """Yield the slow-down that all handlers share, when it is larger than the past has seen."""
    usual = np.log(fleet.past_factors) if len(fleet.past_factors) >= 3 else np.zeros(2)
    floor = max(RUN_WIDE, math.exp(RUN_WIDTH * float(np.std(usual, ddof=1))))
    if fleet.factor >= floor:
        yield Finding(
            type="performance",
            cause="run-wide",
            severity=severity(fleet.factor),
            description=f"all {fleet.handlers} handlers are {fleet.factor:.2f} times slower: the environment or a "
            "change that reaches everything",
            confidence=0.9,
            metrics={"rule": "run-wide", "ratio": round(fleet.factor, 3), "handlers": fleet.handlers},
            evidence=(f"in the past the same factor stayed below {math.exp(float(usual.max())):.2f}",),
        )


def _lasting(step: Step) -> Finding:
    return Finding(
        type="performance",
        cause=f"step:{step.handler}",
        severity=severity(step.ratio),
        description=f"{step.handler} has been {step.ratio:.2f} times slower since {iso(step.since)}",
        confidence=0.85,
        handler=step.handler,
        metrics={"rule": "change point", "ratio": round(step.ratio, 3), "since": iso(step.since)},
        evidence=(f"the last five windows against the twenty before: p = {step.p_value:.1e}",),
    )


def _breach(breach: Breach) -> Finding:
    name, wanted = breach.objective.handler, breach.objective
    kind = "of its executions fail" if breach.rule == "error budget" else f"take longer than {wanted.latency_ms:g} ms"
    return Finding(
        type="performance",
        cause=f"objective:{breach.rule}:{name}",
        severity=breach.severity,
        description=f"{name} breaks its objective: {breach.seen:.2%} {kind}, {breach.wanted:.2%} are allowed",
        confidence=0.9,
        handler=name,
        metrics={
            "rule": breach.rule,
            "seen": round(breach.seen, 6),
            "wanted": round(breach.wanted, 6),
            "burn": round(min(breach.burn, 1e6), 2),
            "count": breach.executions,
        },
    )


def _slow_test(found: SlowTest) -> Finding:
    return Finding(
        type="performance",
        cause=f"test:{found.test}",
        severity="medium",
        description=f"{found.test} takes {found.now:,.0f} ms, {found.ratio:.1f} times its slowest of "
        f"{counted(found.runs, 'earlier run')}",
        confidence=0.8 if found.runs >= FEW else 0.6,
        handler=found.test,
        metrics={
            "rule": "test",
            "ratio": round(found.ratio, 3),
            "median_ms": round(found.now, 3),
            "baseline_ms": round(found.before, 3),
            "count": 1,
        },
    )
