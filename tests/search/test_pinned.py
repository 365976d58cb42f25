"""Numbers that the tests do not pin down."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Candidate, Edit, Problem
from bot.search.pinned import loose, neighbours
from bot.search.values import Behaviour, Call

CODE = "def largest(values, least=100):\n    best = 0\n    return max(best, *values)[:-5]\n"
PROBLEM = Problem(of({"m.py": CODE, "notes.txt": "7"}), ("test_m.py::test",))


def candidate(old: str, new: str, file: str = "m.py") -> Candidate:
    start = PROBLEM.text(file).index(old)
    return Candidate((Edit(file, start, start + len(old), new),), "number", 2.0, "largest", 1)


def lines(old: str, new: str) -> list[str]:
    found = neighbours(PROBLEM, candidate(old, new))
    before = CODE.split("\n")
    return [line for one in found for line in one.apply("m.py", CODE).split("\n") if line not in before]


def test_each_number_that_a_patch_brings_in_has_two_neighbours() -> None:
    assert lines("best = 0", "best = -1") == ["    best = -2"]  # the other neighbour is what was there before
    assert lines("100", "10") == ["def largest(values, least=9):", "def largest(values, least=11):"]


def test_natural_numbers_names_and_other_files_need_no_evidence() -> None:
    assert lines("best = 0", "best = 1") == []
    assert lines("best, *", "least, *") == []
    assert lines("best = 0", "best = (") == []
    assert neighbours(PROBLEM, candidate("7", "8", "notes.txt")) == ()


def test_a_number_is_loose_when_a_neighbour_that_passes_too_answers_otherwise() -> None:
    behaviour = Behaviour((Call("f(1)", False),), ("0",), (("1",), ("1",), ("2",)))
    assert not loose(0, (1,), behaviour)
    assert loose(0, (1, 2), behaviour)
    assert not loose(0, (7,), behaviour)
