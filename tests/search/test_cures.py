"""Where changes cure, with the real worker."""

from __future__ import annotations

from bot.search import Problem
from bot.search.cures import cures

CODE = """def doubled(n):
    twice = n * 2
    return twice


def shown(n):
    value = doubled(n)
    text = str(value - 1)
    return text
"""
TESTS = """
from shop import shown
import pytest

@pytest.mark.parametrize("n, wanted", [(2, "4"), (5, "10")])
def test_shown(n, wanted):
    assert shown(n) == wanted
"""
FAILING = ("test_shop.py::test_shown[2-4]", "test_shop.py::test_shown[5-10]")


def test_the_line_is_found_whose_edit_cures_though_all_lines_ran_alike(project, opened) -> None:
    codebase = project({"shop.py": CODE, "test_shop.py": TESTS})
    with opened(codebase, FAILING) as evaluate:
        found = cures(Problem(codebase, FAILING, max_candidates=1_000), evaluate)
        none = cures(Problem(codebase, FAILING, budget_seconds=-1.0), evaluate)
    assert (found[0].file, found[0].line, set(found[0].tests)) == ("shop.py", 8, set(FAILING))
    assert none == ()
