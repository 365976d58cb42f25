"""Recorded calls, made again before and after a fix, and in the last good version."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase
from bot.fixing.replay import mended, replayed
from bot.model import CodebaseInfo, FileEdit, RecordedCall

CODE = "def share(xs):\n    return sum(xs) / len(xs)\n"
FIXED = "def share(xs):\n    return sum(xs) / len(xs) if xs else 0\n"
CALLS = (
    RecordedCall(handler="share", args="[[]]", error="ZeroDivisionError: division by zero"),
    RecordedCall(handler="share", args="[[1, 3]]", result="2.0"),
    RecordedCall(handler="share", args='["ab"]', error="TypeError: unsupported"),
)


def codebase(folder: Path, good: str = "") -> Codebase:
    """Return a project of one module, with its last good version."""
    for name, text in (("now", CODE), ("good", good)):
        (folder / name).mkdir()
        (folder / name / "a.py").write_text(text)
    return Codebase(
        CodebaseInfo(
            repository="o/n",
            checkout="",
            tree=str(folder / "now"),
            digest="d",
            environment=sys.prefix,
            good_tree=str(folder / "good") if good else "",
        )
    )


def test_calls_are_made_again(tmp_path: Path) -> None:
    made = replayed(CALLS, ("a", "share"), tmp_path / "now", codebase(tmp_path), Trusted())
    assert [one.result for one in made] == [None, "2.0", None]
    assert [(one.error or "").partition(":")[0] for one in made] == ["ZeroDivisionError", "", "TypeError"]


def test_only_calls_that_the_fix_mends_are_kept(tmp_path: Path) -> None:
    fix = (FileEdit(path="a.py", text=FIXED),)
    (one,) = mended(CALLS, ("a", "share"), fix, codebase(tmp_path), Trusted())
    assert (one.args, one.result, one.error) == ("[[]]", "0", None)


def test_a_result_that_the_good_version_did_not_give_is_no_test(tmp_path: Path) -> None:
    fix = (FileEdit(path="a.py", text=FIXED),)
    good = FIXED.replace("else 0", "else 1")
    assert mended(CALLS, ("a", "share"), fix, codebase(tmp_path, good), Trusted()) == ()


def test_what_can_not_be_made_again_is_left_out(tmp_path: Path) -> None:
    base = codebase(tmp_path)
    assert mended(CALLS[1:2], ("a", "share"), (), base, Trusted()) == ()
    assert mended(CALLS, ("a", "share"), (FileEdit(path="../b.py", text=""),), base, Trusted()) == ()
    (one,) = replayed(CALLS[:1], ("nowhere", "share"), tmp_path / "now", base, Trusted())
    assert (one.error or "").startswith("ModuleNotFoundError")
