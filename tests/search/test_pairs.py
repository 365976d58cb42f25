"""Which two edits are joined, and in what order."""

from __future__ import annotations

import pytest

from bot.search.pairs import Step, gain, pairs
from bot.search.values import Candidate, Edit, Fault, Observation, Verdict


def edit(start: int, cost: float, *, file: str = "a.py", length: int = 2, operator: str = "constant") -> Candidate:
    """Return a candidate of one edit."""
    return Candidate((Edit(file, start, start + length, "x"),), operator, cost, "f", 1)


def fault(kind: str, *lines: int) -> Fault:
    """Return a fault with a frame per line."""
    return Fault(kind, "", tuple(("test_a.py", line, "test_x") for line in lines))


@pytest.mark.parametrize(
    ("before", "verdict", "wanted"),
    [
        (fault("KeyError", 3), Verdict("passed", 1), 0.0),
        (fault("KeyError", 3), Verdict("failed", 2, fault("KeyError", 3)), 2.0),
        (fault("KeyError", 3), Verdict("failed"), 0.0),
        (None, Verdict("failed", 0, fault("KeyError", 3)), 0.0),
        (fault("KeyError", 3), Verdict("failed", 0, fault("KeyError", 5)), 0.5),
        (fault("KeyError", 5), Verdict("failed", 0, fault("KeyError", 3)), 0.0),
        (fault("AssertionError", 9, 3), Verdict("failed", 0, fault("AssertionError", 9, 4)), 0.5),
        (fault("AssertionError", 9, 3), Verdict("over", 0, fault("OverBudget", 9, 4, 5)), 0.5),
        (fault("AssertionError", 9, 3), Verdict("failed", 0, fault("AssertionError", 9, 2)), 0.0),
        (fault("KeyError", 3, 9), Verdict("failed", 0, fault("AssertionError", 3)), 0.5),
        (fault("AssertionError", 3), Verdict("failed", 0, fault("AssertionError", 3)), 0.0),
        (fault("KeyError"), Verdict("failed", 0, fault("KeyError", 3)), 0.0),
    ],
)
def test_a_step_is_worth_what_it_gets_further(before: Fault | None, verdict: Verdict, wanted: float) -> None:
    assert gain(Observation("t", "failed", before), verdict) == wanted


def test_the_likeliest_pairs_come_first_and_none_twice() -> None:
    near, far = Step(edit(0, 1.0), 0.5), Step(edit(10, 1.0), 3.0)
    others = [edit(30, 2.0), edit(20, 0.5), edit(1, 0.1), edit(0, 1.0), edit(10, 1.0)]
    found = list(pairs([near, far], others))
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    assert len({one.edits for one in found}) == len(found)
    assert [[one.start for one in pair.edits] for pair in found[:2]] == [[1, 10], [10, 20]]


def test_edits_that_touch_are_not_joined_but_those_of_two_files_are() -> None:
    one = Step(edit(0, 1.0), 1.0)
    assert list(pairs([one], [edit(2, 1.0)])) == []
    assert len(list(pairs([one], [edit(0, 1.0, file="b.py")]))) == 1
    assert list(pairs([one], [])) == []


def test_a_pair_is_named_by_both_operators() -> None:
    one = Step(edit(0, 1.0), 1.0)
    same, other = pairs([one], [edit(8, 1.0), edit(20, 2.0, operator="guard")])
    assert (same.operator, other.operator) == ("constant", "constant and guard")
