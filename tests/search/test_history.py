"""What the last good version offers, alone and with the real worker."""

from __future__ import annotations

import dataclasses

from bot.codebase import of
from bot.search import Problem, repair
from bot.search.history import candidates, stretches, together
from bot.search.minimal import minimal

GOOD = '''"""Prices."""

RATE = 20


def net(price, reduced=False):
    if price < 0:
        raise ValueError("negative")
    rate = 5 if reduced else RATE
    return round(price / (1 + rate / 100), 2)


def total(prices):
    return sum(net(price) for price in prices)
'''
NOW = '''"""Prices."""

RATE = 20


def net(price, reduced=False, digits=2):
    rate = 5 if reduced else RATE
    return round(price / (1 - rate / 100), digits)


def total(prices):
    return sum(net(price) for price in prices)
'''


def _problem(now: dict[str, str], good: dict[str, str]) -> Problem:
    return Problem(of(now), (), good=good)


def _texts(problem: Problem, file: str) -> list[str]:
    return [one.apply(file, problem.text(file)) for one in candidates(problem, {})]


def test_a_removed_statement_and_a_changed_sign_come_back_without_undoing_the_rest() -> None:
    offered = _texts(_problem({"prices.py": NOW}, {"prices.py": GOOD}), "prices.py")
    guard = '    if price < 0:\n        raise ValueError("negative")\n    rate'
    assert NOW.replace("    rate", guard, 1) in offered
    assert NOW.replace("1 - rate", "1 + rate") in offered


def test_nothing_is_offered_when_nothing_changed() -> None:
    assert _texts(_problem({"prices.py": NOW}, {"prices.py": NOW}), "prices.py") == []
    assert _texts(_problem({"prices.py": NOW}, {}), "prices.py") == []


def test_changed_tests_are_left_alone() -> None:
    problem = _problem({"tests/test_a.py": "a = 1\n"}, {"tests/test_a.py": "a = 2\n"})
    assert problem.changed == ()


def test_a_deleted_file_comes_back() -> None:
    problem = _problem({"a.py": "import b\n"}, {"a.py": "import b\n", "b.py": "x = 1\n"})
    assert _texts(problem, "b.py") == ["x = 1\n"]


def test_added_lines_can_go_one_by_one() -> None:
    before, now = "def f(a):\n    return a\n", "def f(a):\n    a += 1\n    a = a or 0\n    return a\n"
    offered = _texts(_problem({"m.py": now}, {"m.py": before}), "m.py")
    assert now.replace("    a += 1\n", "") in offered
    assert before in offered


def test_all_stretches_together_are_the_good_version() -> None:
    problem = _problem({"prices.py": NOW}, {"prices.py": GOOD})
    assert together(problem, stretches(problem, {})).apply("prices.py", NOW) == GOOD


def test_minimal_keeps_what_is_needed_and_nothing_else() -> None:
    asked = []

    def holds(some: tuple[int, ...]) -> bool:
        asked.append(some)
        return {2, 5} <= set(some)

    assert minimal(tuple(range(8)), holds) == (2, 5)
    assert len(asked) < 40
    assert minimal((1,), lambda some: True) == (1,)


TESTS = """
import pytest
from prices import net, total

def test_net():
    assert net(120) == 100.0

def test_digits():
    assert net(100, digits=0) == 83.0

def test_negative():
    with pytest.raises(ValueError):
        net(-1)

def test_total():
    assert total([]) == 0
"""


def test_a_fault_inside_a_wanted_change_is_mended_and_the_change_stays(project, opened) -> None:
    now = GOOD.replace("reduced=False", "reduced=False, digits=2").replace(", 2)", ", digits)").replace("1 +", "1 -")
    codebase = project({"prices.py": now, "test_prices.py": TESTS})
    failing = ("test_prices.py::test_net", "test_prices.py::test_digits")
    with opened(codebase, failing, ("test_prices.py::test_negative", "test_prices.py::test_total")) as evaluate:
        problem = Problem(codebase, failing, good={"prices.py": GOOD, "test_prices.py": TESTS})
        findings = repair(problem, evaluate)
    assert findings.plausible[0].edits == {"prices.py": now.replace("1 -", "1 +")}
    assert findings.plausible[0].title.startswith("restore what was before in net")


def test_two_changes_that_only_help_together_are_undone_and_a_third_stays(project, opened) -> None:
    good = {"a.py": "def one():\n    return 1\n\n\ndef two():\n    return one() + 1\n\n\ndef extra():\n    return 0\n"}
    now = good["a.py"].replace("return 1\n", "return (1,)\n").replace("one() + 1", "one()[0] * 3")
    now = now.replace("return 0", "return 5")
    tests = "from a import *\n\ndef test_two():\n    assert (one(), two()) == (1, 2)\n\n"
    tests += "def test_extra():\n    assert extra() == 5\n"
    codebase = project({"a.py": now, "test_a.py": tests})
    with opened(codebase, ("test_a.py::test_two",), ("test_a.py::test_extra",)) as evaluate:
        findings = repair(Problem(codebase, ("test_a.py::test_two",), good={**good, "test_a.py": tests}), evaluate)
    assert findings.plausible[0].edits == {"a.py": good["a.py"].replace("return 0", "return 5")}
    assert dataclasses.replace(findings.plausible[0].candidate, cost=0).operator == "restore"
