"""The worker that tries candidates: edits of modules, a module-level edit that leaves state, set-ups cut short."""

from __future__ import annotations

import pytest

from bot.codebase import Codebase, of
from bot.search import Bounds
from bot.search import Tests as Known
from bot.search.evaluator import BoxEvaluate
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


def test_what_runs_out_of_time_before_ticks_is_told(project, opened) -> None:
    codebase = project({"rates.py": RATES, "shop.py": SHOP, "test_shop.py": TESTS})
    rounds = _edit(codebase, "shop.py", "in range(3)", "in iter(int, 1)")
    asleep = _edit(codebase, "shop.py", "range(3)", "range(3 + __import__('time').sleep(60))")
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        ticking, waiting = evaluate.screen([rounds, asleep])
    assert (ticking.status, ticking.slow) == ("over", False)
    assert (waiting.status, waiting.slow) == ("over", True)
    assert ticking.ticks > waiting.ticks > 0


WRAPPED = """
def kept(f):
    def wrapper(x):
        return f(x)
    return wrapper


@kept
def price(net):
    return net
"""


def test_an_inner_function_may_stop_reading_what_it_holds(project, opened) -> None:
    codebase = project(
        {"shop.py": WRAPPED, "test_shop.py": "from shop import price\n\ndef test_price():\n    assert price(1) == 3\n"}
    )
    edits = [_edit(codebase, "shop.py", "return f(x)", f"return x + {n}") for n in (1, 2)]
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        assert [one.status for one in evaluate.screen(edits)] == ["failed", "passed"]
        wired = [{"shop.py": [(edit.start, edit.end, edit.text) for edit in one.edits]} for one in edits]
        limits = {"limits": [10_000], "each": 5.0, "patience": 30.0}
        answer = evaluate._ask(60, op="screen", candidates=wired, tests=[TEST], **limits)
    assert not any("tests" in one for one in answer["results"])  # what a process of its own would tell


def test_a_new_import_needs_no_process_of_its_own_unless_it_takes_a_name(project, opened) -> None:
    shop = "import os\n" + SHOP
    codebase = project(
        {"rates.py": RATES + "\n\ndef more(n):\n    return n + 3\n", "shop.py": shop, "test_shop.py": TESTS}
    )

    def edit(line: str, old: str, new: str) -> Candidate:
        return Candidate((Edit("shop.py", 10, 10, line), *_edit(codebase, "shop.py", old, new).edits), "", 0.0, "", 1)

    edits = [
        edit("from rates import more\n", "return total * (100", "return more(total) * (100"),
        edit("from rates import more\n", 'return total * (100 + RATES["food"])', "return 104 + more(0)"),
        edit("from rates import nothing\n", "total = net", "total = nothing"),
        edit("from rates import CALLS as net\n", "range(3)", "range(2)"),
        edit("from rates import CALLS as os\n", "total += 0", "total += 1"),
    ]
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        assert [one.status for one in evaluate.screen(edits)] == ["failed", "passed", "broken", "failed", "failed"]
        assert [one.status for one in evaluate.confirm(edits[1:2])] == ["passed"]


def test_a_project_that_can_not_be_imported_twice_gets_fresh_processes(project, opened) -> None:
    once = 'import builtins\nassert not hasattr(builtins, "seen_before"), "twice"\nbuiltins.seen_before = True\n'
    codebase = project({"rates.py": once + RATES, "shop.py": SHOP, "test_shop.py": TESTS})
    edits = [_edit(codebase, "rates.py", ": 5", f": {new}") for new in "67"]
    with opened(codebase, (TEST,)) as evaluate:
        evaluate.observe()
        assert [one.status for one in evaluate.screen(edits)] == ["failed", "passed"]


LOG = "def log(path, line):\n    with open(path, 'w') as stream:\n        stream.write(line)\n"
NEEDY = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    setattr(item, "rep_" + report.when, report)

@pytest.fixture
def kept(request):
    yield
    assert request.node.rep_setup.passed
"""
TESTS_OF_LOG = """
from log import log

def test_one(kept, tmp_path):
    log(tmp_path / "x", "a")

def test_two(tmp_path, {fixtures}):
    log(tmp_path / "x", "a")
    log(tmp_path / "x", "b")
    assert (tmp_path / "x").read_text() == "ab"
"""


@pytest.mark.parametrize("fixtures", ["caplog", "kept"])
def test_fixtures_that_ask_for_what_the_quick_way_leaves_out_do_not_fail_a_right_candidate(
    project, opened, fixtures: str
) -> None:
    tests = TESTS_OF_LOG.format(fixtures=fixtures)
    codebase = project({"log.py": LOG, "conftest.py": NEEDY, "test_log.py": tests})
    right, wrong = (_edit(codebase, "log.py", "'w'", new) for new in ("'a'", "'x'"))
    with opened(codebase, ("test_log.py::test_two",), ("test_log.py::test_one",)) as evaluate:
        evaluate.observe()
        assert [one.status for one in evaluate.screen([wrong, right])] == ["failed", "passed"]


def test_lines_put_at_the_end_of_a_function_belong_to_it() -> None:
    text = "def one():\n    pass\n\n\ndef two():\n    pass\n"
    bounds, codebase = Bounds(), of({"m.py": text})
    evaluate = BoxEvaluate(None, codebase, Known(), bounds, (), ())  # type: ignore[arg-type]
    places = (text.index("\n\n") + 1, len(text), text.index("def two"), text.index("\ndef two"))
    found = [evaluate._outer(Edit("m.py", at, at, "    x = 1\n")) for at in places]
    assert found == [[(1, 2)], [(5, 6)], [(5, 6)], []]
