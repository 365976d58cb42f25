"""Rules on recorded state: what breaks one is told once, what can't be told is not."""

import pytest

from bot.model import NormalizedEvent
from bot.telemetry.states import Held, changes, holds

STATE = {"total": 5, "items": [1, 2], "owner": {"name": "ann"}, "text": "abc"}


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("total >= 0", True),
        ("total < 0", False),
        ("0 <= total <= 4", False),
        ("len(items) == 2 and total != 3", True),
        ("total < 0 or not total == 5", False),
        ("total - 5 == 0", True),
        ("total + 1 > -1", True),
        ("owner.name == 'ann'", True),
        ("2 in items", True),
        ("3 not in items", True),
        ("max(items) > 1", True),
        ("missing > 0", None),
        ("owner.age > 0", None),
        ("total > text", None),
        ("total * 2 > 3", None),
        ("__import__('os').system('x')", None),
        ("exec('x')", None),
        ("len(items, items)", None),
        ("(lambda: 1)()", None),
        ("items is None", None),
        ("total >", None),
    ],
)
def test_rules_are_read_and_never_run(rule: str, wanted: bool | None) -> None:
    assert holds(rule, STATE) is wanted


def event(kind: str, handler: str = "pay", **context: object) -> NormalizedEvent:
    return NormalizedEvent(1.0, kind, handler, "order", "x1", context=context)


def told(held: Held, one: NormalizedEvent, *, pure: bool = False) -> list[tuple[str, str, str, str]]:
    return [(found.rule, found.field, found.before, found.after) for found in changes(one, held, pure=pure)]


def test_a_frozen_field_that_changes_is_told_where_it_changes() -> None:
    held = Held()
    rules = {"frozen": ["order.id", "gone"]}
    assert told(held, event("beat-started", state={"order": {"id": 7}}, **rules)) == []
    assert told(held, event("beat-completed", state={"order": {"id": 7}})) == []
    assert told(held, event("beat-completed", "ship", state={"order": {"id": 8}})) == [("frozen", "order.id", "7", "8")]
    assert told(held, event("beat-completed", "mail", state={"order": {"id": 8}})) == []


def test_an_invariant_that_does_not_hold_is_told() -> None:
    rules = {"invariants": ["total >= 0", "unknown > 0", 7]}
    assert told(Held(), event("beat-completed", state={"total": -1}, **rules)) == [
        ("invariant", "total >= 0", "null", '{"total":-1}')
    ]
    assert told(Held(), event("beat-completed", state={"total": 0}, **rules)) == []


def test_a_pure_handler_leaves_the_state_as_it_was() -> None:
    held = Held()
    told(held, event("beat-started", state={"n": 1, "m": 1}), pure=True)
    assert told(held, event("beat-completed", state={"n": 1, "m": 2}), pure=True) == [("pure", "m", "1", "2")]
    told(held, event("beat-started", state={"n": 1}), pure=False)
    assert told(held, event("beat-completed", state={"n": 2}), pure=False) == []
    assert told(held, event("beat-completed", state={"n": 2}), pure=True) == [("pure", "n", "1", "2")]
    assert told(held, event("beat-completed", state={"n": 3}), pure=True) == []


def test_events_without_state_or_with_odd_rules_say_nothing() -> None:
    assert told(Held(), NormalizedEvent(1.0, "error", "pay")) == []
    assert told(Held(), event("beat-completed", state=[1], frozen=["a"])) == []
    assert told(Held(), event("beat-completed", state={"a": 1}, frozen="a", invariants=["x" * 300])) == []
