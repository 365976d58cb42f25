"""Running a project's checks: what each test did, and what can't be believed."""

from __future__ import annotations

import http.server
import threading
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.sandbox_base import BaseSandbox
from bot.checks import collect_tests, run_check, run_tests
from bot.checks.run import TestRun
from bot.errors import Misconfigured
from bot.model import Check
from bot.ports import Limits
from tests.sandbox.conftest import small_environment
from tests.sandbox.test_hostile import GRACE, alive, left_behind

PYTEST = Check(name="tests", kind="test", tool="pytest", argv=("python", "-m", "pytest", "-q"), runner="pytest")
UNITTEST = Check(
    name="tests",
    kind="test",
    tool="unittest",
    argv=("python", "-X", "dev", "-m", "unittest", "discover", "-s", "tests", "-t", "."),
    runner="unittest",
)

SUITE = """
import pytest, calc

def test_ok(): assert calc.half(4) == 2
def test_wrong(): assert calc.half(3) == 2
def test_raises(): calc.half(None)
@pytest.mark.parametrize("x", [1, 2])
def test_many(x): calc.half(x)
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_known(): assert 0
@pytest.mark.xfail
def test_surprise(): pass
@pytest.fixture
def broken(): raise KeyError("gone")
def test_fixture(broken): pass
@pytest.fixture
def late():
    yield
    raise OSError("late")
def test_teardown(late): pass
class TestGroup:
    def test_in(self): pass
"""


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Write Python files by their path without ending and return the folder."""
    for name, text in files.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def run(sandbox: BaseSandbox, tree: Path, check: Check = PYTEST, **how: object) -> TestRun:
    """Run the tests of a tree in a small environment."""
    how = {"limits": Limits(seconds=60.0), **how}
    return run_tests(sandbox, tree, small_environment(), check, **how)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with every kind of outcome."""
    code = "def half(x):\n    if x is None:\n        raise ValueError('no number')\n    return x / 2\n"
    return lay(tmp_path / "p", {"calc": code, "tests/test_a": SUITE, "tests/test_b": "import nothere"})


def test_pytest_outcome_by_outcome(best: BaseSandbox, project: Path) -> None:
    (project / "setup.cfg").write_text("[tool:pytest]\naddopts = -x -p no:cacheprovider\n")
    done = run(best, project, coverage=True, seed=1)
    a = "tests/test_a.py::"
    assert done.outcomes == {
        "tests/test_b.py": "error",
        f"{a}test_ok": "passed",
        f"{a}test_wrong": "failed",
        f"{a}test_raises": "failed",
        f"{a}test_many[1]": "passed",
        f"{a}test_many[2]": "passed",
        f"{a}test_skipped": "skipped",
        f"{a}test_known": "xfailed",
        f"{a}test_surprise": "xpassed",
        f"{a}test_fixture": "error",
        f"{a}test_teardown": "error",
        f"{a}TestGroup::test_in": "passed",
    }
    assert done.complete
    assert done.unfinished == ()
    assert (done.run.exit_code, done.run.sandbox, done.run.outcomes) == (1, "bubblewrap", done.outcomes)
    assert set(done.collected) == set(done.outcomes) - {"tests/test_b.py"}
    assert done.collected != tuple(sorted(done.collected)) != tuple(done.outcomes)
    error = done.errors[f"{a}test_raises"]
    assert (error.exception, error.message, error.file, error.line) == ("ValueError", "no number", "calc.py", 3)
    assert [(f.file, f.line, f.function) for f in error.frames] == [
        ("tests/test_a.py", 6, "test_raises"),
        ("calc.py", 3, "half"),
    ]
    assert done.errors[f"{a}test_wrong"].exception == "AssertionError"
    assert done.errors[f"{a}test_teardown"].message == "late"
    missing = done.errors["tests/test_b.py"]
    assert (missing.exception, missing.file, missing.line) == ("ModuleNotFoundError", "tests/test_b.py", 1)
    assert f"{a}test_known" not in done.errors
    assert done.coverage[f"{a}test_ok"]["calc.py"] == (2, 4)
    assert done.coverage[f"{a}test_raises"]["calc.py"] == (2, 3)
    assert done.imported["calc.py"] == (1,)
    assert b"3 errors" in done.output


def test_a_subset_of_ids_and_an_independent_collection(best: BaseSandbox, project: Path) -> None:
    wanted = ("tests/test_a.py::test_many[2]", "tests/test_a.py::TestGroup::test_in")
    done = run(best, project, ids=wanted)
    assert done.complete
    assert set(done.outcomes) == set(done.collected) == set(wanted)
    assert done.coverage == {}
    ids = collect_tests(best, project, small_environment(), PYTEST)
    assert len(ids) == 11
    assert set(wanted) < set(ids)


def test_unittest_outcome_by_outcome(best: BaseSandbox, tmp_path: Path) -> None:
    suite = """
import unittest
from pkg import thing
class A(unittest.TestCase):
    def test_ok(self): thing.go()
    def test_wrong(self): self.assertEqual(1, 2)
    def test_raises(self): raise KeyError("k")
    def test_parts(self):
        for i in range(3):
            with self.subTest(i): self.assertLess(i, 2)
    @unittest.skip("x")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()
    @unittest.expectedFailure
    def test_surprise(self): pass
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("class")
    def test_b(self): pass
class C(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("class")
    def test_c(self): pass
class D(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise RuntimeError("after")
    def test_d(self): pass
"""
    tree = lay(
        tmp_path / "p",
        {
            "src/pkg/__init__": "",
            "src/pkg/thing": "def go():\n    return 1\n",
            "tests/__init__": "",
            "tests/test_u": suite,
            "tests/test_v": "import nothere",
        },
    )
    done = run(best, tree, UNITTEST, coverage=True)
    u = "tests.test_u."
    assert done.outcomes == {
        f"{u}A.test_ok": "passed",
        f"{u}A.test_wrong": "failed",
        f"{u}A.test_raises": "failed",
        f"{u}A.test_parts": "failed",
        f"{u}A.test_skipped": "skipped",
        f"{u}A.test_known": "xfailed",
        f"{u}A.test_surprise": "failed",
        f"{u}B.test_b": "error",
        f"{u}C.test_c": "skipped",
        f"{u}D.test_d": "passed",
        "tests.test_v": "error",
    }
    assert done.complete
    assert done.run.exit_code == 1
    assert done.coverage[f"{u}A.test_ok"]["src/pkg/thing.py"] == (2,)
    assert done.errors["tests.test_v"].exception == "ModuleNotFoundError"
    assert done.errors[f"{u}B.test_b"].message == "class"
    one = run(best, tree, UNITTEST, ids=(f"{u}A.test_ok",), seed=4)
    assert (one.outcomes, one.complete, one.run.exit_code) == ({f"{u}A.test_ok": "passed"}, True, 0)
    assert len(collect_tests(best, tree, small_environment(), UNITTEST)) == 11


FORGER = """
import os, pathlib
def test_honest(): pass
def test_forger():
    report = pathlib.Path(os.environ["SELFHEAL_BOX"], "report.jsonl")
    line = report.read_text().splitlines()[-1]
    report.write_text(report.read_text() + line.replace("begin", "result") + chr(10) + line)
    print('{"kind": "end", "code": 0}')
    os._exit(0)
def test_never(): assert 0
"""


def test_a_process_that_ends_early_or_forges_its_report_is_not_believed(best: BaseSandbox, tmp_path: Path) -> None:
    done = run(best, lay(tmp_path / "p", {"test_f": FORGER}))
    assert done.run.exit_code == 0
    assert not done.complete
    assert done.outcomes == {"test_f.py::test_honest": "passed"}
    assert done.unfinished == ("test_f.py::test_forger",)
    assert "test_f.py::test_never" in done.collected


def test_an_exit_while_collecting_and_an_exit_at_the_end_are_not_believed(best: BaseSandbox, tmp_path: Path) -> None:
    early = run(best, lay(tmp_path / "a", {"test_e": "import os; os._exit(0)"}))
    assert (early.complete, early.run.exit_code, early.outcomes) == (False, 0, {})
    hook = "import os\ndef pytest_unconfigure(): os._exit(0)\n"
    late = run(best, lay(tmp_path / "b", {"conftest": hook, "test_e": "def test_x(): assert 0"}))
    assert (late.complete, late.run.exit_code) == (False, 0)


def test_a_pytest_of_the_projects_own_making_is_not_pytest(best: BaseSandbox, tmp_path: Path) -> None:
    fake = "def main(*a, **k): return 0\nimport os; os._exit(0)\n"
    files = {"pytest": fake, "_pytest/__init__": fake, "src/pytest": fake, "test_x": "def test_x(): assert 0"}
    tree = lay(tmp_path / "p", files)
    for env in ({}, {"PYTHONPATH": "src:/etc:..", "EXTRA": "1"}):
        done = run(best, tree, PYTEST.model_copy(update={"env": env}))
        assert (done.outcomes, done.complete) == ({"test_x.py::test_x": "failed"}, True)


def test_a_test_that_hangs_is_named(best: BaseSandbox, tmp_path: Path) -> None:
    tree = lay(tmp_path / "p", {"test_h": "def test_a(): pass\ndef test_hang():\n    while 1: pass\n"})
    done = run(best, tree, limits=Limits(seconds=4.0))
    assert (done.stopped, done.run.exit_code, done.complete) == ("time", None, False)
    assert done.unfinished == ("test_h.py::test_hang",)


def test_an_exception_that_can_not_be_shown_does_not_stop_the_report(best: BaseSandbox, tmp_path: Path) -> None:
    code = "class E(Exception):\n    def __str__(self): raise RuntimeError\ndef test_e(): raise E\n"
    code += "def test_s(): exec('1 +')\n"
    done = run(best, lay(tmp_path / "p", {"test_e": code}))
    assert done.complete
    assert done.errors["test_e.py::test_e"].message == "<str() raised RuntimeError>"
    assert done.errors["test_e.py::test_e"].exception == "test_e.E"
    assert done.errors["test_e.py::test_s"].exception == "SyntaxError"


def test_a_command_in_a_folder_of_its_own(best: BaseSandbox, tmp_path: Path) -> None:
    tree = lay(
        tmp_path / "p", {"lib/src/core": "x = 1", "lib/tests/test_c": "import core\ndef test_c(): assert core.x"}
    )
    (tree / "lib" / "pytest.ini").write_text("[pytest]\n")
    check = PYTEST.model_copy(update={"cwd": "lib", "argv": ("pytest", "-q", "tests")})
    done = run(best, tree, check)
    assert done.outcomes == {"tests/test_c.py::test_c": "passed"}
    again = run(best, tree, check, ids=done.collected)
    assert (again.outcomes, again.complete) == (done.outcomes, True)


def test_a_runner_that_is_missing_is_said(best: BaseSandbox, tmp_path: Path) -> None:
    tree, empty = lay(tmp_path / "p", {"test_x": "def test_x(): pass"}), tmp_path / "venv"
    venv.create(empty, with_pip=False)
    for go in (run_tests, collect_tests):
        with pytest.raises(Misconfigured, match="pytest is not installed") as caught:
            go(best, tree, empty, PYTEST)
        assert "Install pytest" in caught.value.hint
    with pytest.raises(Misconfigured, match="no test runner"):
        run(best, tree, Check(name="make test", kind="test", tool="make", argv=("make", "test")))


def test_other_checks_run_as_they_are(best: BaseSandbox, tmp_path: Path) -> None:
    tree = lay(tmp_path / "p", {"a": "import os\n", "src/pkg/b": "x = 1"})
    lint = Check(name="ruff", kind="lint", tool="ruff", argv=("ruff", "check", "."))
    result, output = run_check(best, tree, small_environment(), lint)
    assert (result.exit_code, result.kind, result.sandbox) == (1, "lint", "bubblewrap")
    assert b"F401" in output
    absent = Check(name="x", kind="type", tool="x", argv=("no-such-tool",))
    assert run_check(best, tree, small_environment(), absent)[0].exit_code == 127
    slow = Check(name="x", kind="docs", tool="x", argv=("python", "-c", "import time; time.sleep(9)"))
    assert run_check(best, tree, small_environment(), slow, Limits(seconds=0.3))[0].exit_code is None
    imports = Check(name="x", kind="docs", tool="x", argv=("python", "-c", "import pkg.b, a"), cwd="src")
    assert run_check(best, tree, small_environment(), imports)[0].exit_code == 0


HOSTILE = """
import os, signal, socket, subprocess, sys, threading, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
log = []
def attempt(name, action):
    try: log.append(f"{name}: GOT THROUGH {action()}")
    except BaseException as error: log.append(f"{name}: {type(error).__name__}")
attempt("key", lambda: open("KEY").read())
attempt("loopback", lambda: socket.create_connection(("127.0.0.1", PORT), timeout=2))
attempt("environ", lambda: [open(f"/proc/{p}/environ").read() for p in os.listdir("/proc") if p.isdigit()].index("x"))
subprocess.Popen([sys.executable, "-c", "import os, time; os.setsid(); time.sleep(60)", "MARK"])
def fill():
    with open("fill", "wb", buffering=0) as file:
        while True: file.write(bytes(1_000_000))
attempt("disk", fill)
def bomb():
    for _ in range(200):
        if os.fork() == 0: time.sleep(60); os._exit(0)
attempt("fork", bomb)
print("LOG", log, flush=True)
def pytest_runtest_call():
    while True: os.write(1, b"x" * 100_000) if FLOOD else None
"""


@pytest.fixture
def server() -> Iterator[int]:
    """A server on loopback that must not be reached."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_address[1]
        site.shutdown()


@pytest.mark.parametrize("flood", [False, True], ids=["deaf loop", "flood"])
def test_a_hostile_conftest_is_contained_and_over_in_time(
    confined: BaseSandbox, tmp_path: Path, server: int, flood: bool
) -> None:
    (tmp_path / "app.pem").write_text("PRIVATE")
    mark = f"mark-{tmp_path.name}-{confined.level}"
    code = HOSTILE.replace("KEY", str(tmp_path / "app.pem")).replace("PORT", str(server))
    code = code.replace("MARK", mark).replace("FLOOD", str(flood))
    tree = lay(tmp_path / "p", {"conftest": code, "test_x": "def test_x(): pass"})
    if not flood and confined.level == "bubblewrap-noproc":
        pytest.skip("the loop is the same as with /proc, and takes its full time")
    limits = Limits(seconds=4.0, memory_mb=600, disk_mb=20, processes=60, output_bytes=2_000_000)
    before, began = left_behind(), time.monotonic()
    argv = ("python", "-m", "pytest", "-q", "-s")
    done = run(confined, tree, PYTEST.model_copy(update={"argv": argv}), limits=limits)
    assert time.monotonic() - began < limits.seconds + GRACE
    assert done.stopped == ("output" if flood else "time")
    assert len(done.output) <= limits.output_bytes
    assert not done.complete
    assert b"LOG" in done.output
    assert b"GOT THROUGH" not in done.output
    assert alive(mark) == []
    assert left_behind() == before
