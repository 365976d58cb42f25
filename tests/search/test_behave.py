"""Variations of what functions were called with."""

from __future__ import annotations

import base64
import pickle
import random
from dataclasses import dataclass
from typing import Any

import pytest

from bot.search.box import behave


@dataclass(frozen=True)
class Span:
    low: int
    high: int
    name: str = "s"

    def __hash__(self) -> int:
        return self.low


class Slotted:
    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


class Stubborn:
    def __init__(self) -> None:
        self.size = 1

    def __copy__(self) -> Stubborn:
        raise RuntimeError("not me")


def varied(values: list[Any], count: int = 60) -> list[list[Any]]:
    """Return variations of recorded arguments."""
    data = base64.b64encode(pickle.dumps((values, {}))).decode()
    return [found for found, _ in behave.inputs(data, 7, count)]


def test_fields_of_objects_are_varied_and_meet_those_of_others() -> None:
    found = varied([Span(1, 3), Span(2, 9)])
    assert found[0] == [Span(1, 3), Span(2, 9)]
    lows = {one.low for one, _ in found}
    assert len(lows) > 3
    assert any(one.high == other.high for one, other in found[1:])
    assert found == varied([Span(1, 3), Span(2, 9)]), "the same for the same seed"


def test_slots_are_varied_too() -> None:
    assert len({one.size for (one,) in varied([Slotted(4)])}) > 3


@pytest.mark.parametrize(
    "value", [None, Stubborn(), object(), len, Span], ids=["none", "stubborn", "bare", "function", "class"]
)
def test_what_can_not_be_varied_stays(value: Any) -> None:
    assert behave.vary(value, random.Random(1)) is value


class Tree:
    def __init__(self, left: Any = None, right: Any = None, name: str = "t") -> None:
        self.left, self.right, self.name = left, right, name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def test_what_two_fields_hold_is_exchanged_where_it_is_of_one_kind_or_missing() -> None:
    assert any(one.right == Tree() and one.left is None for (one,) in varied([Tree(Tree())]))
    found = [one for (one,) in varied([{"left": {"left": None}, "right": None, "size": 3}])]
    assert {"left": None, "right": {"left": None}, "size": 3} in found
    assert any(one.get("size", 3) != 3 for one in found)
    assert any("size" not in one for one in found)


def test_numbers_that_are_equal_are_written_alike() -> None:
    assert behave.shape([3.0, -0.0, 2.5, 1e300, float("nan"), float("inf")]) == "list[3,0,2.5,1e+300,nan,inf]"
    assert behave.shape(3) == "3"
