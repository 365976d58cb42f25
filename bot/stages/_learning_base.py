"""How results are measured, compared, judged and put into words."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.learning import order
from bot.model import (
    CheckResult,
    Comparison,
    Deployment,
    Effectiveness,
    Improvement,
    Insight,
    Run,
    StrategyRecord,
    TelemetryMetrics,
)
from bot.ports import Store

BAD = frozenset({"failed", "error"})
PASSED = frozenset({"success", "neutral", "skipped"})
WORSE = -0.05  # a mean that got worse by less than a twentieth is noise


def from_runs(runs: Iterable[Run]) -> tuple[CheckResult, ...]:
    """Return the runs of a proof as check results, the last run of each command."""
    newest = {run.command: run for run in runs}
    return tuple(
        CheckResult(
            name=run.command,
            kind="test" if run.outcomes else "check",
            command=run.command,
            exit_code=run.exit_code,
            seconds=run.seconds,
            digest=run.digest,
            sandbox=run.sandbox,
            outcomes=run.outcomes,
        )
        for run in newest.values()
    )


def from_states(text: str) -> tuple[CheckResult, ...]:
    """Return check conclusions, a JSON object of name and conclusion, as check results without times."""
    return tuple(
        CheckResult(
            name=name,
            kind="ci",
            command=name,
            exit_code=0 if conclusion in PASSED else 1,
            seconds=0.0,
            digest="",
            sandbox="ci",
        )
        for name, conclusion in json.loads(text).items()
    )


def measures(metrics: TelemetryMetrics, handler: str) -> dict[str, float]:
    """Return what can be compared, lower is better: failing checks and tests, times and errors of the handler."""
    found: dict[str, float] = {}
    if metrics.checks:
        found["failing checks"] = float(sum(check.exit_code != 0 for check in metrics.checks))
        outcomes = [outcome for check in metrics.checks for outcome in check.outcomes.values()]
        if outcomes:
            found["failing tests"] = float(sum(outcome in BAD for outcome in outcomes))
    for name, seen in metrics.handlers.items():
        if _same(name, handler):
            found |= {f"{name} p50 ms": seen.p50, f"{name} p95 ms": seen.p95Time, f"{name} errors": seen.errorRate}
    for name, order_ in metrics.sequences.items():
        found[f"{name} violations"] = order_.violations / max(1, order_.count)
    return found


def _same(name: str, handler: str) -> bool:
    from bot.messages import slug

    return bool(handler) and slug(name) == slug(handler)


def share(before: float, after: float) -> float | None:
    """Return the change as a share of the value before, at least -1; None where both are zero."""
    if before == 0:
        return None if after == 0 else -1.0
    return max(-1.0, (before - after) / before)


def judged(deployment: Deployment, comparison: Comparison, improvement: Improvement) -> tuple[bool | None, str]:
    """Return whether a fix worked and the reason; what speaks against it weighs more than what speaks for it."""
    against = _against(deployment, comparison, improvement)
    if against:
        return False, against
    in_favour = _in_favour(deployment, comparison, improvement)
    return (True, in_favour) if in_favour else (None, "nothing was measured after the merge")


def _against(deployment: Deployment, comparison: Comparison, improvement: Improvement) -> str:
    if deployment.merge is None or not deployment.merge.merged:
        return "a person closed it without a merge"
    if deployment.verified == "regressed":
        return deployment.facts.get("seen", "it got worse after the merge")
    if comparison.anomaly_seen_after:
        return "the same anomaly was seen again after the merge"
    if improvement.overall is not None and improvement.overall < WORSE:
        return f"what was measured got worse by {-improvement.overall:.0%} on average"
    return ""


def _in_favour(deployment: Deployment, comparison: Comparison, improvement: Improvement) -> str:
    if comparison.anomaly_seen_after is False:
        return "the anomaly was not seen again"
    if improvement.overall is not None and improvement.overall > 0:
        return f"what was measured got better by {improvement.overall:.0%} on average"
    if deployment.verified == "healthy":
        return deployment.facts.get("seen", "what runs on it is healthy")
    return ""


def counted(effectiveness: Effectiveness, records: Iterable[StrategyRecord]) -> StrategyRecord:
    """Return the strategy's record for this type and repository with the result added."""
    place = (effectiveness.strategy, effectiveness.anomaly_type, effectiveness.repository)
    known = next((each for each in records if (each.strategy, each.type, each.repository) == place), None)
    record = known or StrategyRecord(strategy=place[0], type=place[1], repository=place[2])
    if effectiveness.successful is None:
        return record
    name = "successes" if effectiveness.successful else "failures"
    return record.model_copy(update={name: getattr(record, name) + 1})


def credited(effectiveness: Effectiveness, record: StrategyRecord, store: Store) -> StrategyRecord:
    """Count the result in the store, once per fix, and return the record as it stands there."""
    if effectiveness.successful is None:
        return record
    place = (effectiveness.strategy, effectiveness.anomaly_type, effectiveness.repository)
    return store.credit(*place, effectiveness.successful, once=effectiveness.fix_id)


def insights_of(
    effectiveness: Effectiveness, record: StrategyRecord, records: tuple[StrategyRecord, ...]
) -> tuple[Insight, ...]:
    """Return the sentences about one result: the fix itself, its strategy's record, and a changed order."""
    result = {True: "worked", False: "did not work", None: "has no known result"}[effectiveness.successful]
    made = [
        Insight(text=f"The {effectiveness.strategy} fix in {effectiveness.handler} {result}: {effectiveness.reason}."),
        Insight(
            text=f"{record.strategy} has helped {record.successes} of {record.successes + record.failures} times "
            f"with {record.type} here.",
            rests_on=(f"successes {record.successes}", f"failures {record.failures}", f"weight {record.weight:.2f}"),
        ),
    ]
    peers = [each for each in records if (each.type, each.repository) == (record.type, record.repository)]
    names = sorted({record.strategy, *(each.strategy for each in peers)})
    now = [*(each for each in peers if each.strategy != record.strategy), record]
    was, becomes = (order(names, each, record.type, record.repository) for each in (peers, now))
    if was != becomes:
        made.append(Insight(text=f"For {record.type} the order of repairs is now: {', '.join(becomes)}."))
    return tuple(made)
