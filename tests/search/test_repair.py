"""The search as a whole, with the real worker."""

from __future__ import annotations

from bot.search import Problem, repair

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
