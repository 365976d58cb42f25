"""The order of steps, replayed: tests that run the function show the wrong order before, and the right one after."""

from __future__ import annotations

from pathlib import Path

from bot.checks import Watched
from bot.model import Check, CheckRecord, Trial
from bot.proof.ground import Found, Ground
from bot.proof.running import watch_in
from bot.proof.speed import MOST_TESTS, work_of

RECORD = "order"


def prove_order(trial: Trial, ground: Ground, found: Found) -> Found:
    """Return whether the steps are taken as wanted with the patch and not without it.

    Where there is a last good version that took them otherwise, its orders are what is wanted, else the order that was
    declared or learned: a version whose checks pass may have the fault that only telemetry shows. Nothing is said
    where the cause is no order, or no test runs the function.
    """
    check, diagnosis = ground.test_check(), ground.diagnosis
    steps = steps_of(ground)
    if diagnosis.type != "behavioral" or check is None or not diagnosis.function or not steps:
        return Found()
    tests = work_of(ground)[:MOST_TESTS]
    if not tests:
        return Found()
    ground.say(f"watching the order of {len(steps)} steps in {diagnosis.function}")
    placed = trial.model_copy(update={"environment": found.environment or trial.environment})
    before = _watched(ground, None, check, tests)
    after = _watched(ground, placed, check, tests)
    if before is None or after is None:
        return Found()
    good = _good(ground, check, tests)
    if good is not None and dict(good.orders) == dict(before.orders):
        good = None
    passed = _as_good(after, good) if good else _as_wanted(before, after, ground)
    wanted = "the order of the last good version" if good else "the order that was declared or learned"
    record = CheckRecord(
        name=RECORD,
        passed=passed,
        seen=f"before {_told(before)}, after {_told(after)}",
        wanted=f"{wanted}, which the code without the patch does not keep",
        why="The cause is an order, so the order is what has to change.",
        runs=(before.run, after.run),
    )
    return Found((record,), before=(before.run,), after=(after.run,))


def steps_of(ground: Ground) -> tuple[str, ...]:
    """Return the names of the functions that are the steps, wanted or seen, each once."""
    details = ground.diagnosis.details
    named = [*details.get("expected", "").split("\n"), *details.get("observed", "").split("\n")]
    return tuple(dict.fromkeys(name.rpartition(".")[2] for name in named if name))


def _watched(ground: Ground, trial: Trial | None, check: Check, tests: tuple[str, ...]) -> Watched | None:
    tree = ground.after(trial) if trial else ground.before
    return watch_in(ground, tree, ground.environment(trial), check, (tests, steps_of(ground)))


def _good(ground: Ground, check: Check, tests: tuple[str, ...]) -> Watched | None:
    tree = ground.codebase.info.good_tree
    return watch_in(ground, Path(tree), ground.environment(), check, (tests, steps_of(ground))) if tree else None


def _as_good(after: Watched, good: Watched) -> bool:
    return dict(after.orders) == dict(good.orders)


def _as_wanted(before: Watched, after: Watched, ground: Ground) -> bool:
    expected = ground.diagnosis.details.get("expected", "").split("\n")
    wanted = tuple(name.rpartition(".")[2] for name in expected if name)
    return wanted in after.orders and (wanted not in before.orders or len(after.orders) < len(before.orders))


def _told(watched: Watched) -> str:
    orders = sorted(watched.orders.items(), key=lambda one: -one[1])[:2]
    return " and ".join(f"{' > '.join(order) or 'no step'} ({count} times)" for order, count in orders)
