"""Other formulas that pass the same tests."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Candidate, Edit, Problem, repair
from bot.search.formulas import forms

CODE = "def price(base, high):\n    return base + high\n"
PROBLEM = Problem(of({"m.py": CODE, "notes.txt": "7"}), ("test_m.py::test",))


def shown(new: str, file: str = "m.py", old: str = "base + high") -> dict[str, float]:
    start = PROBLEM.text(file).index(old)
    found = forms(PROBLEM, Candidate((Edit(file, start, start + len(old), new),), "combine", 2.0, "price", 2))
    return {one.apply(file, CODE).split("return ")[1].rstrip(): round(one.cost, 1) for one in found}


def test_a_formula_with_a_number_has_rivals_with_other_signs_and_numbers() -> None:
    found = shown("base + high ** 2")
    assert found["base + high * 3"] == 1.2
    assert found["base + high ** 3"] == 2.7
    assert found["base + (high - 2)"] == 1.2
    assert "base + high ** 2" in found  # what the patches hold already is left out where they are compared


def test_parentheses_stand_where_the_other_sign_needs_them() -> None:
    assert "(base + high) * 3" in shown("(base + high) * 2")
    assert "(base + high) ** 2" in shown("(base + high) * 2")


def test_names_natural_numbers_and_what_is_no_code_have_no_rivals() -> None:
    assert shown("base + high * base") == {}
    assert shown("base + high + 1") == {}
    assert shown("base + (") == {}
    assert shown("8", "notes.txt", "7") == {}


def test_where_few_numbers_agree_under_several_formulas_none_is_told_as_the_fix(project, opened) -> None:
    tests = "from m import price\n\ndef test_it():\n    assert price(1, 3) == 10\n    assert price(2, 0) == 2\n"
    codebase = project({"m.py": CODE, "test_m.py": tests})
    with opened(codebase, ("test_m.py::test_it",)) as evaluate:
        findings = repair(Problem(codebase, ("test_m.py::test_it",), budget_seconds=20), evaluate)
    texts = [patch.edits["m.py"].partition("return ")[2].rstrip() for patch in findings.plausible]
    assert findings.abstained
    assert {"base + high * 3", "base + high ** 2"} <= set(texts)
