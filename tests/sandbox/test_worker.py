"""The worker by itself, and on every Python that this machine has."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox_base import BaseSandbox
from bot.checks import run_tests, worker
from bot.model import Check
from bot.ports import Limits

UNITTEST = Check(name="t", kind="test", tool="unittest", argv=("python", "-m", "unittest"), runner="unittest")
SUITE = """
import threading, unittest
from code_under_test import choose
class T(unittest.TestCase):
    def test_one(self): self.assertEqual(choose(1), "one")
    def test_thread(self):
        thread = threading.Thread(target=choose, args=(2,)); thread.start(); thread.join()
    def test_wrong(self): choose(None)
"""
CODE = """
def choose(x):
    if x == 1:
        return "one"
    if x is None:
        raise LookupError(x)
    return "other"
"""


def pythons() -> dict[str, Path]:
    """Return the prefixes of all Pythons from 3.8 on that are installed here, by version."""
    found: dict[str, Path] = {}
    places = [path.parent for path in Path.home().glob(".pyenv/versions/*/bin")]
    for minor in range(8, 16):
        program = shutil.which(f"python3.{minor}")
        candidates = [Path(program).parent.parent] if program else []
        candidates += [place for place in places if (place / "bin" / f"python3.{minor}").exists()]
        usable = [place for place in candidates if (place / "bin" / "python3").resolve().name == f"python3.{minor}"]
        if usable:
            found[f"3.{minor}"] = usable[-1]
    return found


def test_the_worker_is_one_file_for_old_pythons_and_needs_no_library() -> None:
    tree = ast.parse(Path(worker.__file__).read_text(), feature_version=(3, 8))
    names = {node.names[0].name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)}
    names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names - {"pytest"} <= sys.stdlib_module_names


@pytest.mark.parametrize("version", sorted(pythons()) or ["none"])
def test_outcomes_and_lines_on_every_python(best: BaseSandbox, tmp_path: Path, version: str) -> None:
    if version == "none":
        pytest.skip("NO OTHER PYTHON IS INSTALLED HERE")
    (tmp_path / "test_it.py").write_text(SUITE)
    (tmp_path / "code_under_test.py").write_text(CODE)
    done = run_tests(best, tmp_path, pythons()[version], UNITTEST, coverage=True, seed=7, limits=Limits(seconds=60.0))
    assert done.outcomes == {
        "test_it.T.test_one": "passed",
        "test_it.T.test_thread": "passed",
        "test_it.T.test_wrong": "failed",
    }
    assert done.complete
    lines = {test.rpartition("_")[2]: files["code_under_test.py"] for test, files in done.coverage.items()}
    assert lines == {"one": (3, 4), "thread": (3, 5, 7), "wrong": (3, 5, 6)}
    error = done.errors["test_it.T.test_wrong"]
    assert (error.exception, error.message, error.file, error.line) == ("LookupError", "None", "code_under_test.py", 6)
    assert [frame.function.rpartition(".")[2] for frame in error.frames] == ["test_wrong", "choose"]


BUSY = """
import unittest
from code_under_test import choose
def late(): return 1
class T(unittest.TestCase):
    def test_busy(self):
        for _ in range(150_000): choose(1)
        late()
    def test_next(self): late()
"""


def test_a_test_of_very_many_calls_is_not_watched_to_its_end(best: BaseSandbox, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(BUSY)
    (tmp_path / "code_under_test.py").write_text(CODE)
    done = run_tests(best, tmp_path, Path(sys.prefix), UNITTEST, coverage=True, limits=Limits(seconds=60.0))
    assert done.complete
    assert done.coverage["test_it.T.test_busy"]["code_under_test.py"] == (3, 4)
    assert (4 in done.coverage["test_it.T.test_busy"]["test_it.py"]) == (sys.version_info >= (3, 12))
    assert 4 in done.coverage["test_it.T.test_next"]["test_it.py"]


def test_a_seal_holds_for_one_line_at_one_place() -> None:
    seal = worker.seal("key", 3, b"line")
    assert seal == worker.seal("key", 3, b"line")
    assert (
        len({seal, worker.seal("key", 4, b"line"), worker.seal("key", 3, b"lime"), worker.seal("kex", 3, b"line")}) == 4
    )


@pytest.mark.parametrize(
    ("wanted", "seed", "expected"),
    [([], None, [0, 1, 2, 3]), (["c", "a"], None, [0, 2]), (["x"], None, []), ([], 1, [3, 0, 2, 1])],
)
def test_choosing_and_ordering(wanted: list[str], seed: int | None, expected: list[int]) -> None:
    assert worker.arrange(["a", "b", "c", "d"], wanted, seed) == expected


def test_files_of_the_tree_are_told_from_others(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path)
    relative = worker.relative_to(str(tmp_path / "tree"))
    assert relative(str(tmp_path / "tree" / "a" / "b.py")) == "a/b.py"
    assert relative(str(tmp_path / "treetop.py")) is None
    assert relative(str(tmp_path / "tree" / "link" / "c.py")) is None
    assert relative("<string>") is None
