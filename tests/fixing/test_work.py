"""Tests that count work get their bound from what the code takes with the fix and without it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase
from bot.fixing.drafts import judged
from bot.fixing.newtests import Judge
from bot.model import Check, CodebaseInfo, Draft, FileEdit
from bot.strategies._noted import noted, shortened
from bot.strategies.work_test import COUNTER
from tests import make

SLOW = "def total(rows):\n    return [sum(rows) for _ in range(9)][-1]\n"
FAST = "def total(rows):\n    return sum(rows)\n"
PLAIN = "[pytest]\naddopts = -p no:hypothesispytest -p no:pytest_cov -p no:timeout -p no:anyio\n"
OLD = "from a import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"


def counting(name: str, call: str) -> str:
    counts = f'    made = calls_made(lambda: {call})\n    assert made <= 0, f"{{made}} calls were made"\n'
    return f"\n\ndef {name}():\n{counts}"


HEAD = f"import cProfile\nimport json\n\nfrom a import total\n\n\n{COUNTER}"
TWO = HEAD + counting("test_total_is_quick_1", "total([1, 2])") + counting("test_total_is_quick_2", "json.dumps([1])")


@pytest.fixture
def codebase(tmp_path: Path) -> Codebase:
    """Return a project with one slow function and a test command."""
    for name, text in (("a.py", SLOW), ("pytest.ini", PLAIN), ("test_a.py", OLD)):
        (tmp_path / name).write_text(text)
    check = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest")
    info = CodebaseInfo(
        repository="o/n", checkout="", tree=str(tmp_path), digest="d", environment=sys.prefix, checks=(check,)
    )
    return Codebase(info)


def drafted(path: str, text: str) -> Draft:
    edits = (FileEdit(path=path, text=text),)
    return Draft(strategy="work_test", trust="glance", kind="test", title="t", why="w", edits=edits, confidence=0.8)


def kept(codebase: Codebase, fix: str, *made: Draft) -> list[Draft]:
    judge = Judge(codebase, Trusted(), (FileEdit(path="a.py", text=fix),))
    return list(judged(made, make.diagnosis(type="performance", file="a.py", function="total"), judge))


def test_the_test_that_shows_the_most_stays_with_its_bound(codebase: Codebase) -> None:
    one, *more = kept(codebase, FAST, drafted("test_new.py", TWO), drafted("test_newer.py", TWO))
    text = one.edits[0].text or ""
    assert not more
    assert "def test_total_is_quick():" in text
    assert "json" not in text
    (bound,) = [line for line in text.split("\n") if "made <=" in line]
    assert 3 <= int(bound.split("<= ")[1].split(",")[0]) < 12


def test_what_a_file_held_already_stays(codebase: Codebase) -> None:
    text = OLD.replace("from a", "import cProfile\n\nfrom a") + f"\n\n{COUNTER}" + counting("test_more", "test_total()")
    (one,) = kept(codebase, FAST, drafted("test_a.py", text))
    assert "def test_total():\n" in (one.edits[0].text or "")
    assert "def test_more():\n" in (one.edits[0].text or "")


def test_a_fix_that_saves_no_calls_gets_no_such_test(codebase: Codebase) -> None:
    (one,) = kept(codebase, SLOW, drafted("test_new.py", TWO))
    assert (one.edits, one.why) == ((), "no count of calls tells the fix of test_new.py")


def test_without_a_way_to_run_it_there_is_no_bound(codebase: Codebase) -> None:
    bare = Codebase(codebase.info.model_copy(update={"environment": ""}))
    assert kept(bare, FAST, drafted("test_new.py", TWO)) == []


def test_items_of_a_list_are_counted_as_they_are_compared(codebase: Codebase) -> None:
    slow = "def common(rows):\n    known = list(rows)\n    return [row for row in rows if row in known]\n"
    Path(codebase.info.tree, "a.py").write_text(slow)
    call, kind = noted('common(["a", "b", "c", "d", "e"])') or ("", "")
    plain = counting("test_common_1", 'common(["a", "b", "c"])')
    text = HEAD.replace("import total", "import common").replace("import json\n", "")
    draft = drafted(
        "test_new.py", text.replace(COUNTER, f"{kind}\n\n{COUNTER}") + plain + counting("test_common_2", call)
    )
    (one,) = kept(Codebase(codebase.info), slow.replace("list(", "set("), draft)
    assert "Noted('e')" in (one.edits[0].text or "")
    Path(codebase.info.tree, "a.py").write_text(
        "def common(rows):\n    return [sum(map(len, rows)) for _ in range(9)][-1]\n"
    )
    (one,) = kept(Codebase(codebase.info), "def common(rows):\n    return sum(map(len, rows))\n", draft)
    assert "Noted" not in (one.edits[0].text or "Noted")


def test_few_items_or_items_of_several_kinds_are_left_as_they_are() -> None:
    assert noted("common([1, 2])") is None
    assert noted("common([1, 2, 'a'])") is None
    assert noted("common([[1, 2, 3], []])") is not None


def test_long_calls_are_made_short_or_left_out() -> None:
    rows = [f"row {number}" for number in range(90)]
    assert shortened(f"common({rows})") == f"common({rows[:6]})"
    assert shortened("common([1])") == "common([1])"
    assert shortened(f"common({' '.join(rows)!r})") is None
