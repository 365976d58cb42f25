"""The worker that tries candidates: edits of modules, a module-level edit that leaves state, set-ups cut short."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.search.values import Candidate, Edit

RATES = 'RATES = {"food": 5}\nCALLS = []\n'
SHOP = """
from rates import RATES, CALLS


def price(net):
    CALLS.append(net)
    total = net
    for _ in range(3):
        total += 0
    return total * (100 + RATES["food"])
"""
TESTS = """
import pytest
from shop import price


@pytest.fixture
def net():
    return price(1) - 104


def test_price(net):
    assert price(1) == 107
"""
TEST = "test_shop.py::test_price"


def _edit(codebase: Codebase, file: str, old: str, new: str) -> Candidate:
    start = codebase.text(file).index(old)
    return Candidate((Edit(file, start, start + len(old), new),), "", 0.0, "", 1)


def test_module_edits_of_one_length_are_told_apart_and_the_file_is_put_back(project, opened) -> None:
    codebase = project({"rates.py": RATES, "shop.py": SHOP, "test_shop.py": TESTS})
    edits = [_edit(codebase, "rates.py", "5", new) for new in "67879"]
    edits.append(_edit(codebase, "rates.py", "{", "(("))
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        verdicts = [one.status for one in evaluate.screen(edits)]
    assert verdicts == ["failed", "passed", "failed", "passed", "failed", "broken"]
    assert evaluate.processor > 0


def test_a_set_up_cut_short_leaves_the_next_candidates_of_its_process_alone(project, opened) -> None:
    codebase = project({"rates.py": RATES, "shop.py": SHOP, "test_shop.py": TESTS})
    endless = _edit(codebase, "shop.py", "in range(3)", "in iter(int, 1)")
    right = _edit(codebase, "shop.py", "(100 + RATES", "(102 + RATES")
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        verdicts = [one.status for one in evaluate.screen([endless, right, endless, right])]
        answer = evaluate._ask(60, op="screen", candidates=[], tests=[], limits=[], each=1.0, patience=1.0)
    assert verdicts == ["over", "passed", "over", "passed"]
    assert answer["isolated"] is False


def test_a_project_that_can_not_be_imported_twice_gets_fresh_processes(project, opened) -> None:
    once = 'import builtins\nassert not hasattr(builtins, "seen_before"), "twice"\nbuiltins.seen_before = True\n'
    codebase = project({"rates.py": once + RATES, "shop.py": SHOP, "test_shop.py": TESTS})
    edits = [_edit(codebase, "rates.py", ": 5", f": {new}") for new in "67"]
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        assert [one.status for one in evaluate.screen(edits)] == ["failed", "passed"]
