"""What earlier results say about strategies: their order for the next repair, and the reason in words."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import StrategyRecord


def order(strategies: Iterable[str], records: Iterable[StrategyRecord], type_: str, repository: str) -> tuple[str, ...]:
    """Return the strategies, best record first; those with equal records keep the order they came in.

    The record is that of the type in this repository. `StrategyRecord.weight` is the mean of a Beta(1, 1) belief
    updated by the outcomes, so a strategy without a record stands at 1/2, between those that helped and those that
    did not.
    """
    weights = _weights(records, type_, repository)
    return tuple(sorted(strategies, key=lambda name: -weights.get(name, 0.5)))


def reasons(
    strategies: Iterable[str], records: Iterable[StrategyRecord], type_: str, repository: str
) -> tuple[str, ...]:
    """Return one sentence per strategy with a record, in the order that `order` gives."""
    listed = list(strategies)
    known = {record.strategy: record for record in records if (record.type, record.repository) == (type_, repository)}
    ranked = order(listed, known.values(), type_, repository)
    return tuple(_reason(known[name], listed.index(name), at) for at, name in enumerate(ranked) if name in known)


def _weights(records: Iterable[StrategyRecord], type_: str, repository: str) -> dict[str, float]:
    return {
        record.strategy: record.weight for record in records if (record.type, record.repository) == (type_, repository)
    }


def _reason(record: StrategyRecord, before: int, after: int) -> str:
    helped = f"{record.strategy} helped {_times(record.successes)} and failed {_times(record.failures)}"
    moved = "earlier" if after < before else "later" if after > before else "as before"
    return f"{helped} with {record.type} here (weight {record.weight:.2f}), so it is tried {moved}"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
