"""Executions that went in another order than declared: beats missing, extra, repeated or swapped."""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly, Sequence, SequenceMetrics
from bot.registry import detector
from bot.telemetry.orders import declared_order, departure


@detector(type="behavioral")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each sequence and kind of departure."""
    return anomalies(_declared(seen))


def _declared(seen: Seen) -> Iterable[Finding]:
    for sequence in seen.declared:
        found = seen.metrics.sequences.get(sequence.id)
        if found is not None:
            yield from _departures(sequence, found)


def _departures(sequence: Sequence, found: SequenceMetrics) -> Iterable[Finding]:
    wrong: dict[tuple[str, ...], list[tuple[tuple[str, ...], int, int]]] = {}
    for order, count in found.orders:
        violation = departure(sequence, order, failed=False)
        if violation is not None:
            wrong.setdefault(violation.script, []).append((order, count, violation.first_divergence))
    for script, orders in wrong.items():
        yield _finding(sequence, found, script, orders)


def _finding(
    sequence: Sequence,
    found: SequenceMetrics,
    script: tuple[str, ...],
    orders: list[tuple[tuple[str, ...], int, int]],
) -> Finding:
    count, (order, _, at) = sum(times for _, times, _ in orders), orders[0]
    wanted = declared_order(sequence)
    diverged = order[at] if at < len(order) else "(the end)"
    share = count / found.count if found.count else 1.0
    return Finding(
        type="behavioral",
        cause=f"{sequence.id}:{'; '.join(script)}",
        severity="high" if share >= 0.5 else "medium",
        description=f"{sequence.id}: {'; '.join(script)} ({count:,} of {found.count:,} executions)",
        confidence=0.95,
        handler=diverged if at < len(order) else wanted[-1],
        sequence=sequence.id,
        metrics={
            "pattern": script[0].partition(" ")[0],
            "expected": list(wanted),
            "observed": list(order),
            "first_divergence": f"{diverged} at position {at + 1}",
            "script": list(script),
            "count": count,
            "share": round(share, 4),
            "learned": False,
        },
        evidence=tuple(f"execution {v.execution}: {' > '.join(v.observed)}"[:300] for v in found.examples[:3]),
    )
