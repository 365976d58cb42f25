"""Which places the search changes at all."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Problem
from bot.search.generate import APART, candidates

CODE = '''"""About limits."""
import os

"""
Not a docstring, only text.
"""

LIMIT = 10
os.environ.setdefault("LIMIT", "3")


def fits(size):
    """Tell whether a size fits."""
    return size < LIMIT


class Box:
    """Has a size."""

    size = 4


if __name__ == "__main__":
    LIMIT = 11
'''


def changed(code: str) -> set[str]:
    problem = Problem(of({"limits.py": code}), ("test_limits.py::test",))
    found = candidates(problem, {("limits.py", 14): 1.0})
    lines = code.split("\n")
    return {lines[code.count("\n", 0, edit.start)].strip() for one in found for edit in one.edits}


def test_edits_start_from_functions_and_from_what_modules_and_classes_bind_or_call() -> None:
    assert changed(CODE) == {
        "return size < LIMIT",
        "LIMIT = 10",
        'os.environ.setdefault("LIMIT", "3")',
        "size = 4",
    }


def test_an_edit_at_all_places_that_read_the_same_leaves_those_alone_that_are_written() -> None:
    loop = "    for word in words:\n        out[word] = out.get(word, 0) + 1\n"
    code = f"def f(words):\n    out = {{}}\n{loop}    return out\n"
    problem = Problem(of({"m.py": code}), ("test_m.py::test",))
    texts = {one.apply("m.py", code) for one in candidates(problem, {("m.py", 4): 1.0})}
    assert any("out[word.lower()] = out.get(word.lower(), 0)" in text for text in texts)
    assert not any("for word.lower() in" in text for text in texts)


def test_what_takes_a_process_of_its_own_comes_later_than_its_cost_says() -> None:
    problem = Problem(of({"limits.py": CODE}), ("test_limits.py::test",))
    order = list(candidates(problem, {("limits.py", 14): 1.0}))
    inside = range(CODE.index("def fits"), CODE.index("class Box"))
    first = next(at for at, one in enumerate(order) if one.edits[0].start not in inside)
    before = [one.cost for one in order[:first]]
    assert order[first].cost < max(before) < order[first].cost + APART + 1


def test_what_a_suspicious_line_reads_is_more_suspicious_than_what_else_a_module_binds() -> None:
    code = "LEAST = 10\nMOST = 20\n\n\ndef fits(size):\n    return size < MOST\n"
    problem = Problem(of({"limits.py": code}), ("test_limits.py::test",))
    costs: dict[int, float] = {}
    for one in candidates(problem, {("limits.py", 6): 1.0}):
        costs.setdefault(code.count("\n", 0, one.edits[0].start), one.cost)
    assert costs[1] < costs[0]


def test_decorators_of_inner_functions_wait_too() -> None:
    code = "def outer(f, g):\n    @keep(f)\n    def inner(x):\n        return f(x)\n    return inner\n"
    problem = Problem(of({"m.py": code}), ("test_m.py::test",))
    order = list(candidates(problem, {("m.py", 4): 1.0, ("m.py", 5): 1.0}))
    far = [one for one in order if code.count("\n", 0, one.edits[0].start) == 1]
    assert far[0].cost + APART >= order[order.index(far[0]) - 1].cost
