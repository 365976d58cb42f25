"""What the failing tests say about the fix."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Problem
from bot.search.hints import hints
from bot.search.values import Fault

TESTS = """
from planets import after

NAMES = ("Jupiter", "Saturn")
LIMIT: int = 17
OTHER = "never read"


def check(function):
    assert function(LIMIT) == NAMES


def unused():
    return "not read either"


def test_it():
    check(after)
"""


def test_helpers_and_tables_that_a_test_reads_speak_too() -> None:
    problem = Problem(of({"test_planets.py": TESTS}), ("test_planets.py::test_it",))
    found = hints(problem, problem.failing)
    assert found.strings == ("Jupiter", "Saturn")
    assert found.numbers == (17,)


def test_tests_named_by_module_are_found_and_unknown_ones_say_nothing() -> None:
    codebase = of({"pkg/test_planets.py": TESTS})
    assert hints(Problem(codebase, ()), ("pkg.test_planets.test_it",)).numbers == (17,)
    assert hints(Problem(codebase, ()), ("gone.py::test_it", "pkg.other.test_it")).strings == ()


def test_public_functions_that_need_one_argument_are_helpers() -> None:
    heads = ("def plain(a, b=1)", "def _own(a)", "def two(a, b)", "def named(a, *, key)", "async def late(a)")
    code = "".join(f"{head}: pass\n" for head in heads)
    problem = Problem(of({"pkg/text.py": code, "pkg/__init__.py": "", "tests/test_a.py": "def helper(a): pass\n"}), ())
    assert hints(problem, ()).helpers == (("pkg.text", "plain"),)


def test_a_failure_on_none_is_told() -> None:
    problem = Problem(of({"test_planets.py": TESTS}), ("test_planets.py::test_it",))
    fault = Fault("AttributeError", "'NoneType' object has no attribute 'strip'")
    assert hints(problem, problem.failing, [None, fault]).missing
    assert not hints(problem, problem.failing, [None]).missing


def test_parameters_that_may_be_left_out_are_known_by_their_function() -> None:
    problem = Problem(
        of({"pkg/__init__.py": "", "pkg/text.py": "def plain(a, b=1, *, c, d=None):\n    return a\n"}), ()
    )
    assert hints(problem, ()).parameters == (("plain", "b"), ("plain", "d"))


def test_fixtures_speak_too_and_so_do_other_tests_beside_line_by_line() -> None:
    tests = (
        "import pytest\n\n@pytest.fixture\ndef told():\n    return 'first line\\nsecond line\\n'\n\n"
        "def test_it(told):\n    assert told\n\ndef test_other():\n    assert 'beside'\n"
    )
    problem = Problem(of({"test_m.py": tests}), ("test_m.py::test_it",))
    found = hints(problem, problem.failing)
    assert found.strings == ("first line\nsecond line\n", "first line", "second line")
    assert found.nearby == ("beside",)
