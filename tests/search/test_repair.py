"""The search as a whole, with the real worker."""

from __future__ import annotations

from bot.codebase import Codebase, Spectrum
from bot.search import Problem, repair
from bot.search.repair import fewer

CODE = '''"""Ages."""


def adults(ages):  # keep me
    """Count those of 18 and more."""
    count = 0
    for age in ages:
        if age > 18:
            count += 1
    return count
'''
TESTS = """
from ages import adults
import pytest

@pytest.mark.parametrize("ages, wanted", [([], 0), ([17, 19], 1), ([18, 40], 2), ([18], 1)])
def test_adults(ages, wanted):
    assert adults(ages) == wanted
"""


def test_the_smallest_edit_is_found_and_nothing_else_changes(project, opened) -> None:
    codebase = project({"ages.py": CODE, "test_ages.py": TESTS})
    failing = ("test_ages.py::test_adults[ages2-2]", "test_ages.py::test_adults[ages3-1]")
    passing = ("test_ages.py::test_adults[ages0-0]", "test_ages.py::test_adults[ages1-1]")
    with opened(codebase, failing, passing) as evaluate:
        findings = repair(Problem(codebase, failing), evaluate)
    assert findings.plausible[0].edits == {"ages.py": CODE.replace("age > 18", "age >= 18")}
    assert findings.plausible[0].operator == "comparison"


ENDLESS = """
def countdown(n, step):
    rounds = 0
    while n != 0:
        n += step
        rounds += 1
    return rounds


def countdowns(n):
    return countdown(n, 1)
"""
ENDLESS_TESTS = """
from down import countdown, countdowns
import pytest

@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_countdowns(n):
    assert countdowns(n) == n

@pytest.mark.parametrize("n", [300_000, 300_001])
def test_long(n):
    assert countdown(n, -1) == n + 1
"""


def test_of_many_endless_tests_only_the_first_are_run_for_long_and_long_ones_are_not_taken_for_endless(
    project, opened
) -> None:
    codebase = project({"down.py": ENDLESS, "test_down.py": ENDLESS_TESTS})
    short = tuple(f"test_down.py::test_countdowns[{n}]" for n in (1, 2, 3, 4))
    with opened(codebase, short) as evaluate:
        seen = evaluate.observe()
        assert {one.test: one.outcome for one in seen} == dict.fromkeys(short, "hang")
        assert len([one for one in seen if one.ticks > 1_000_000]) == 2
    long = tuple(f"test_down.py::test_long[{n}]" for n in (300_000, 300_001))
    with opened(codebase, long) as evaluate:
        assert [one.outcome for one in evaluate.observe()] == ["failed", "failed"]


STATE = """
SEEN = []

def test_first():
    SEEN.append(1)

def test_among_others():
    assert not SEEN

def test_alone():
    assert sum([1]) == 2
"""
FIRST, AMONG, ALONE = (f"test_state.py::test_{name}" for name in ("first", "among_others", "alone"))


def test_tests_that_fail_only_after_others_are_run_in_order(project, opened) -> None:
    codebase = project({"test_state.py": STATE})
    with opened(codebase, (AMONG,), (FIRST,)) as evaluate:
        assert {one.test: one.outcome for one in evaluate.observe()} == {AMONG: "failed", FIRST: "passed"}


def test_failing_tests_are_run_whatever_the_time_and_known_coverage_is_not_measured_again(project, opened) -> None:
    codebase = project({"test_state.py": STATE})
    with opened(codebase, (ALONE,), (FIRST,), observe=0) as evaluate:
        assert [one.test for one in evaluate.observe()] == [ALONE]
    codebase = Codebase(codebase.info, spectrum=Spectrum(coverage={FIRST: {"test_state.py": (99,)}}))
    with opened(codebase, (ALONE,), (FIRST,)) as evaluate:
        seen = {one.test: one.lines["test_state.py"] for one in evaluate.observe()}
    assert 11 in seen[ALONE]
    assert seen[FIRST] == (99,)


def test_fewer_candidates_are_tried_together_where_they_take_long() -> None:
    assert [fewer(100, 2.0), fewer(100, 40.0), fewer(20, 1000.0)] == [100, 25, 1]
