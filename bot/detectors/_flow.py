"""Orders of executions as findings: against the declared order, or against the orders that healthy runs showed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.detectors._rates import binomial_tail
from bot.detectors._seen import Finding, Seen
from bot.model import Beat, Movement, Sequence, SequenceMetrics, Violation
from bot.telemetry.orders import declared_order, departure

ENOUGH = 20  # healthy executions from which an order is learned
NEW_ORDERS = 0.01  # of healthy executions in orders seen once: above that, orders vary too much to learn them
P = 0.001


@dataclass
class Departures:
    """All executions of one sequence that depart in the same way; `orders` are (order seen, how often)."""

    sequence: Sequence
    first: Violation
    orders: list[tuple[tuple[str, ...], int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many executions depart so, at least one."""
        return max(1, sum(times for _, times in self.orders))


def declared_findings(seen: Seen) -> Iterator[Finding]:
    """Yield one finding for each declared sequence and kind of departure."""
    for sequence in seen.declared:
        found = seen.metrics.sequences.get(sequence.id)
        if found is not None:
            yield from (_finding(group, found, learned=False, p_value=0.0) for group in _groups(sequence, found))


def _groups(sequence: Sequence, found: SequenceMetrics) -> Iterable[Departures]:
    groups: dict[tuple[str, ...], Departures] = {}
    for order, count in found.orders:
        violation = departure(sequence, order, failed=False)
        if violation is not None:
            groups.setdefault(violation.script, Departures(sequence, violation)).orders.append((order, count))
    # Executions that failed are in no order, but stage 1 keeps an example of each way in which they departed.
    for example in found.examples:
        groups.setdefault(example.script, Departures(sequence, example))
    return groups.values()


def learned_findings(seen: Seen) -> Iterator[Finding]:
    """Yield one finding for each way in which an undeclared sequence departs from what healthy runs showed."""
    declared = {sequence.id for sequence in seen.declared}
    for name, found in seen.metrics.sequences.items():
        past = seen.baseline.sequences.get(name)
        if name not in declared and past is not None and _learnable(past):
            yield from _against(name, found, past)


def _learnable(past: SequenceMetrics) -> bool:
    total = sum(count for _, count in past.orders)
    return total >= ENOUGH and sum(count == 1 for _, count in past.orders) <= NEW_ORDERS * total


def _against(name: str, found: SequenceMetrics, past: SequenceMetrics) -> Iterator[Finding]:
    known = {order for order, _ in past.orders}
    total = sum(count for _, count in past.orders)
    groups: dict[tuple[str, ...], Departures] = {}
    for order, count in found.orders:
        nearest = None if order in known else _nearest(name, order, known)
        if nearest is not None:
            groups.setdefault(nearest.first.script, nearest).orders.append((order, count))
    for group in groups.values():
        # The chance that so many are new although nothing changed: an unseen order is rarer than 1 in all seen.
        yield _finding(group, found, learned=True, p_value=binomial_tail(group.count, found.count, 1 / total))


def _nearest(name: str, order: tuple[str, ...], known: set[tuple[str, ...]]) -> Departures | None:
    """Return the departure from the known order that takes the fewest edits."""
    sequences = [_as_sequence(name, one) for one in known]
    candidates = [(sequence, departure(sequence, order, failed=False)) for sequence in sequences]
    found = [Departures(sequence, violation) for sequence, violation in candidates if violation is not None]
    return min(found, key=lambda one: (len(one.first.script), one.first.script), default=None)


def _as_sequence(name: str, order: tuple[str, ...]) -> Sequence:
    beats = tuple(
        Beat(beat=number, event=handler, handler=handler, kind="pure", timing="after-beat")
        for number, handler in enumerate(order, 1)
    )
    return Sequence(id=name, name=name, movements=(Movement(id="learned", name="Learned", beats=beats),))


def _finding(group: Departures, found: SequenceMetrics, *, learned: bool, p_value: float) -> Finding:
    wanted, order, at = declared_order(group.sequence), group.first.observed, group.first.first_divergence
    diverged = order[at] if at < len(order) else "(the end)"
    share = min(1.0, group.count / found.count) if found.count else 1.0
    script = "; ".join(group.first.script)
    how = ", against the order learned from healthy runs" if learned else ""
    doubtful = learned and p_value >= P
    return Finding(
        type="behavioral",
        cause=f"{group.sequence.id}:{script}",
        severity="low" if doubtful else "high" if share >= 0.5 else "medium",
        description=f"{group.sequence.id}: {script} ({group.count:,} of {found.count:,} executions{how})",
        confidence=0.6 if doubtful else 0.8 if learned else 0.95,
        handler=diverged if at < len(order) else wanted[-1],
        sequence=group.sequence.id,
        metrics={
            "pattern": group.first.script[0].partition(" ")[0],
            "expected": list(wanted),
            "observed": list(order),
            "first_divergence": f"{diverged} at position {at + 1}",
            "script": list(group.first.script),
            "count": group.count,
            "share": round(share, 4),
            "learned": learned,
        },
        evidence=tuple(_example(v) for v in found.examples if v.script == group.first.script) or (" > ".join(order),),
    )


def _example(violation: Violation) -> str:
    return f"execution {violation.execution}: {' > '.join(violation.observed)}"[:500]
