"""Which plausible patch is believed, by what it answers."""

from __future__ import annotations

import pytest

from bot.search import Candidate, Edit
from bot.search.choose import (
    changed,
    crashes,
    far_fetched,
    hypotheses,
    kind,
    margin,
    strange,
    strays,
    told_apart,
    touches,
)
from bot.search.values import Behaviour, Call


def candidate(cost: float) -> Candidate:
    return Candidate((Edit("m.py", 0, 1, str(cost)),), "number", cost, "f", 1)


def seen(before: tuple[str, ...], *after: tuple[str, ...], passing: bool = True) -> Behaviour:
    calls = tuple(Call(f"f({at})", passing) for at in range(len(before)))
    return Behaviour(calls, before, after)


def test_patches_that_answer_alike_stand_together_and_the_likelier_answer_comes_first() -> None:
    behaviour = seen(("1", "0"), ("1", "3"), ("1", "2"), ("1", "2"))
    ranked = hypotheses([candidate(2.0), candidate(2.2), candidate(2.2)], behaviour)
    assert [one.patches for one in ranked] == [(1, 2), (0,)]


def test_a_kind_of_answer_that_the_code_never_gives_counts_against_a_patch() -> None:
    behaviour = seen(("True", "raises IndexError"), ("True", "None"), ("True", "False"), passing=False)
    assert strange(behaviour, 0) == 0.75
    assert strange(behaviour, 1) == 0.0
    ranked = hypotheses([candidate(2.0), candidate(2.5)], behaviour)
    assert ranked[0].patches == (1,)


def test_crashes_count_against_a_patch() -> None:
    behaviour = seen(("raises KeyError", "never ends"), ("raises KeyError", "1"), ("2", "1"))
    assert [crashes(behaviour, at) for at in (0, 1, 2)] == [0.5, 0.0, 0.0]
    assert strange(behaviour, 1) == 0.0  # nothing is known of the kinds


def test_without_answers_each_patch_stands_alone() -> None:
    ranked = hypotheses([candidate(2.0), candidate(2.5)], Behaviour((), (), ()))
    assert [one.patches for one in ranked] == [(0,), (1,)]
    assert told_apart(0, 1, Behaviour((), (), ())) == ""


def test_the_call_that_tells_two_patches_apart_is_short_and_rather_one_without_a_crash() -> None:
    calls = (Call("f(1)", True), Call("f(10000)", True), Call("f(100)", True), Call("f(2)", True))
    one = ("raises KeyError", "1 | list[1]", "1 | list[1]", "5 | list[1]")
    other = ("0 | list[1]", "2 | list[1]", "2 | list[1]", "5 | list[2]")
    behaviour = Behaviour(calls, one, (one, other))
    assert told_apart(0, 1, behaviour) == "f(2), which gives 5 | list[1] with this patch and 5 | list[2] with the other"
    assert told_apart(0, 0, behaviour) == ""


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("True | x", "bool"),
        ("-1.5 | x", "number"),
        ("nan | x", "number"),
        ("'a' | x", "'"),
        ("b'a' | x", "b"),
        ("list[1] | x", "list"),
        ("None | x", "None"),
        ("raises KeyError", ""),
    ],
)
def test_the_kind_of_an_answer(answer: str, wanted: str) -> None:
    assert kind(answer) == wanted


@pytest.mark.parametrize(("seen", "wanted"), [(0, 2.8), (1, 2.8), (8, 1.0), (30, 1.0)])
def test_the_fewer_calls_the_tests_make_the_more_the_first_must_lead(seen: int, wanted: float) -> None:
    assert margin(seen) == pytest.approx(wanted)


def test_beginning_to_change_arguments_counts_against_a_patch() -> None:
    before = ("1 | [a]", "1 | *[a]", "raises KeyError")
    behaviour = seen(before, ("1 | *[a,b]", "1 | *[a]", "2 | [a]"), ("2 | [a]", "2 | *[b]", "2 | *[a]"))
    assert [touches(behaviour, at) for at in (0, 1, 2)] == [0.5, 0.0, 0.0]


def test_a_rare_fix_needs_more_than_a_few_calls() -> None:
    assert far_fetched(7.0, 1)
    assert far_fetched(9.5, 5)
    assert far_fetched(12.5, 30)
    assert not far_fetched(11.5, 30)
    assert not far_fetched(7.0, 3)
    assert not far_fetched(7.0, 6)
    assert not far_fetched(6.0, 1)


def test_other_answers_where_all_was_well_count_against_a_patch_and_other_leftovers_by_half() -> None:
    before = ("1 | [a]", "1 | [a]", "raises KeyError")
    behaviour = seen(before, before, ("1 | [a]", "1 | *[b]", "2 | [a]"), ("1 | [a]", "2 | [a]", "2 | [a]"))
    assert [changed(behaviour, at) for at in (0, 1, 2)] == [0.0, 0.25, 0.5]
    assert [strays(behaviour, at) > 0 for at in (0, 1, 2)] == [False, True, True]


def test_what_never_ends_with_the_code_as_it_is_either_is_no_crash_of_the_patch() -> None:
    behaviour = seen(("never ends", "1"), ("never ends", "1"))
    assert crashes(behaviour, 0) == 0.0


def test_patches_that_answer_as_the_faulty_code_does_are_not_held_alike() -> None:
    behaviour = seen(("None | [a]",), ("None | [a]",), ("None | [a]",), ("1 | [a]",), ("1 | [a]",))
    found = [candidate(cost) for cost in (1.0, 1.5, 2.0, 2.5)]
    assert sorted(one.patches for one in hypotheses(found, behaviour)) == [(0,), (1,), (2, 3)]
