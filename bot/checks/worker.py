"""Runs a project's tests inside the sandbox and writes down what each one did. Standard library only, Python 3.8+.

This one file is copied beside the tree and run by the project's own interpreter. It takes its orders from a JSON
file, which it deletes before any of the project's code runs, and appends lines to a report, each sealed with a key
that is written nowhere. It decides nothing: whoever reads the report compares it with what should have run.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import itertools
import json
import os
import random
import sys
import threading
import time
import unittest
from typing import Any, Callable, Iterator, Optional

Write = Callable[..., None]
Relative = Callable[[str], Optional[str]]
MOST_FRAMES, MOST_TEXT, MOST_CALLS = 40, 4000, 100_000
_WORST = {"passed": 0, "xpassed": 1, "skipped": 2, "xfailed": 3, "error": 4, "failed": 5}
_FAILED = "unittest.loader._FailedTest."  # stands before the name of a module that can't be imported
_monitoring: Any = getattr(sys, "monitoring", None)  # there from Python 3.12 on
_MONITOR = 4  # a tool number of `sys.monitoring` that neither coverage nor debuggers use


def seal(key: str, number: int, line: bytes) -> bytes:
    """Return the seal of a report's line: nobody without the key can make, move or repeat one."""
    return hashlib.blake2b(b"%d:%s" % (number, line), key=key.encode(), digest_size=16).hexdigest().encode()


def reporter(path: str, key: str) -> Write:
    """Return a function that appends one sealed JSON line; a child that the project forked writes nothing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    owner, numbers = os.getpid(), itertools.count()

    def write(kind: str, **fields: Any) -> None:
        if os.getpid() == owner:
            line = json.dumps(dict(fields, kind=kind), default=str).encode("utf-8", "replace")
            os.write(descriptor, seal(key, next(numbers), line) + b" " + line + b"\n")

    return write


def relative_to(tree: str) -> Callable[[str], str | None]:
    """Return a function that gives a file's POSIX path relative to the tree, or None when it lies elsewhere."""
    top = os.path.realpath(tree) + os.sep

    @functools.lru_cache(maxsize=None)
    def relative(filename: str) -> str | None:
        real = os.path.realpath(filename) if not filename.startswith("<") else ""
        return real[len(top) :].replace(os.sep, "/") if real.startswith(top) else None

    return relative


def describe(error: BaseException, relative: Relative) -> dict[str, Any]:
    """Return an exception as plain data: its type, message, innermost project line, and frames from the outside in."""
    frames = list(_frames(error, relative))
    ours = [frame for frame in frames if frame[3]]
    shown = frames[frames.index(ours[0]) :] if ours else frames  # a runner's own frames tell nothing
    file, line = (ours[-1][0], ours[-1][1]) if ours else (None, None)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = relative(error.filename) or error.filename, error.lineno
    module = "" if type(error).__module__ in ("builtins", "__main__") else type(error).__module__ + "."
    return {
        "exception": module + type(error).__qualname__,
        "message": _text(error)[:MOST_TEXT],
        "file": file,
        "line": line,
        "frames": shown[-MOST_FRAMES:],
    }


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 - a project's own __str__ may raise anything
        return f"<str() raised {type(broken).__name__}>"


def _frames(error: BaseException, relative: Relative) -> Iterator[tuple[str, int, str, bool]]:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        ours = relative(code.co_filename)
        yield ours or code.co_filename, trace.tb_lineno, getattr(code, "co_qualname", code.co_name), ours is not None
        trace = trace.tb_next


class Tracer:
    """Notes which lines run; by `settrace`, tens of times slower, a test's first calls into the project only."""

    def __init__(self, relative: Relative) -> None:
        self._relative, self._left = relative, MOST_CALLS
        self._lines: dict[str, set[int]] = {}

    def start(self) -> None:
        """Begin to note lines."""
        if not _monitoring:
            sys.settrace(self._enter)
            threading.settrace(self._enter)
            return
        _monitoring.use_tool_id(_MONITOR, "selfheal")
        _monitoring.register_callback(_MONITOR, _monitoring.events.PY_START, self._started)
        _monitoring.register_callback(_MONITOR, _monitoring.events.LINE, self._line)
        _monitoring.set_events(_MONITOR, _monitoring.events.PY_START)

    def take(self) -> dict[str, list[int]]:
        """Return the lines noted since the last call, by file, and begin afresh."""
        taken, self._lines, self._left = self._lines, {}, MOST_CALLS
        if _monitoring:
            _monitoring.restart_events()
        elif sys.gettrace() is None:
            sys.settrace(self._enter)
        return {file: sorted(lines) for file, lines in taken.items()}

    def _started(self, code: Any, _offset: int) -> Any:
        if self._relative(code.co_filename) is not None:
            _monitoring.set_local_events(_MONITOR, code, _monitoring.events.LINE)
        return _monitoring.DISABLE

    def _line(self, code: Any, line: int) -> Any:
        self._lines.setdefault(str(self._relative(code.co_filename)), set()).add(line)
        return _monitoring.DISABLE

    def _enter(self, frame: Any, _event: str, _argument: Any) -> Callable[..., Any] | None:
        file = self._relative(frame.f_code.co_filename)
        self._left -= file is not None
        if self._left < 0:
            sys.settrace(None)
        if file is None or self._left < 0:
            return None
        add = self._lines.setdefault(file, set()).add

        def local(frame: Any, event: str, _argument: Any) -> Any:
            if event == "line":
                add(frame.f_lineno)
            return local

        return local


class Notes:
    """What is known of the tests so far: merges their phases and reports each test once it is over."""

    def __init__(self, write: Write, relative: Relative, tracer: Tracer | None) -> None:
        self._write, self._relative, self.tracer = write, relative, tracer
        self._outcomes: dict[str, str] = {}
        self._errors: dict[str, dict[str, Any]] = {}
        self._began: dict[str, float] = {}
        self._ids: list[str] = []

    def collected(self, ids: list[str]) -> None:
        """Report the ids that are about to run; lines that ran until here belong to no test."""
        if self.tracer:
            self._write("coverage", id="", files=self.tracer.take())
        self._ids = ids
        self._write("collected", ids=ids)

    def begin(self, test: str) -> None:
        """Report that a test starts."""
        self._began[test] = time.perf_counter()
        self._write("begin", id=test)
        if self.tracer:
            self.tracer.take()

    def outcome(self, test: str, outcome: str, error: BaseException | None = None) -> None:
        """Remember the worst outcome of a test's phases, and its first error."""
        known = self._outcomes.get(test)
        if known is None or _WORST[outcome] > _WORST[known]:
            self._outcomes[test] = outcome
        if error is not None:
            self._errors.setdefault(test, describe(error, self._relative))

    def whole(self, fixture: str, outcome: str, error: BaseException | None) -> None:
        """Report all tests of a class or module whose common set-up, `setUpClass (pkg.mod.Class)`, ended this way."""
        kind, _, name = fixture.rstrip(")").partition(" (")
        for test in [test for test in self._ids if kind.startswith("setUp") and test.startswith(name + ".")]:
            self.outcome(test, outcome, error)
            self.finish(test)

    def finish(self, test: str) -> None:
        """Report a test's outcome, seconds, error and lines."""
        began = self._began.pop(test, None)
        seconds = 0.0 if began is None else time.perf_counter() - began
        outcome, error = self._outcomes.pop(test, None), self._errors.pop(test, None)
        if self.tracer and began is not None:
            self._write("coverage", id=test, files=self.tracer.take())
        if outcome is not None:
            self._write("result", id=test, outcome=outcome, seconds=seconds, error=error)


def arrange(ids: list[str], wanted: list[str], seed: int | None) -> list[int]:
    """Return the places of the ids to run, in order (a seed shuffles): those wanted or in a module or class wanted."""
    chosen, inside = set(wanted), tuple(name + end for name in wanted for end in ("::", ".", "["))
    places = [place for place, test in enumerate(ids) if not chosen or test in chosen or test.startswith(inside)]
    if seed is not None:
        random.Random(seed).shuffle(places)  # noqa: S311 - an order of tests, no secret
    return places


class _Plugin:
    """Picks, orders and watches pytest's tests; `wrappers` are hooks that go around those of others."""

    wrappers = ("collection_modifyitems", "make_collect_report", "runtest_protocol", "runtest_makereport")

    def __init__(self, orders: dict[str, Any], notes: Notes) -> None:
        self.orders, self.notes = orders, notes
        self.errors: dict[str, BaseException] = {}

    def pytest_configure(self, config: Any) -> None:
        if self.notes.tracer:
            self.notes.tracer.start()  # not earlier: it slows down the import of everybody's plugins
        config.option.maxfail = 0
        config.option.continue_on_collection_errors = True
        root = str(getattr(config, "rootpath", None) or config.rootdir)
        files = [os.path.join(root, file) for file in dict.fromkeys(id.partition("::")[0] for id in self.orders["ids"])]
        config.args = [file for file in files if os.path.exists(file)] or config.args

    def pytest_collection_modifyitems(self, items: list[Any]) -> Iterator[None]:
        yield
        places = arrange([item.nodeid for item in items], self.orders["ids"], self.orders["seed"])
        items[:] = [items[place] for place in places]
        self.notes.collected([item.nodeid for item in items])

    def pytest_make_collect_report(self) -> Iterator[None]:
        result: Any = yield
        report = result.get_result()
        if report.failed:
            value = report.call.excinfo.value
            self.notes.outcome(report.nodeid, "error", value.__cause__ or value)
            self.notes.finish(report.nodeid)

    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self.notes.begin(item.nodeid)
        yield
        self.notes.finish(item.nodeid)

    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        result: Any = yield
        if call.excinfo and result.get_result().failed:
            self.errors[item.nodeid] = call.excinfo.value

    def pytest_runtest_logreport(self, report: Any) -> None:
        outcome, error = _phase(report), self.errors.pop(report.nodeid, None)
        if outcome:
            self.notes.outcome(report.nodeid, outcome, error if report.failed else None)


def _phase(report: Any) -> str:
    """Return the outcome of one phase of a pytest test; a passed set-up or tear-down is none."""
    if report.failed:
        return "failed" if report.when == "call" else "error"
    announced = hasattr(report, "wasxfail")
    if report.skipped:
        return "xfailed" if announced else "skipped"
    passed = "xpassed" if announced else "passed"
    return passed if report.when == "call" and report.passed else ""


def run_pytest(orders: dict[str, Any], notes: Notes) -> int:
    """Run pytest and return its exit code."""
    import pytest

    arguments = [*orders["args"], "-p", "no:randomly"]
    loads = not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    if loads and importlib.util.find_spec("xdist"):
        arguments.append("-n0")
    if loads and orders["coverage"] and importlib.util.find_spec("pytest_cov"):
        arguments.append("--no-cov")
    if orders["mode"] == "collect":
        arguments.append("--collect-only")
    for name in _Plugin.wrappers:
        pytest.hookimpl(hookwrapper=True, tryfirst=True)(getattr(_Plugin, f"pytest_{name}"))
    return int(pytest.main(arguments, plugins=[_Plugin(orders, notes)]))


class _Result(unittest.TextTestResult):
    """Notes what unittest's tests do."""

    notes: Notes

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.notes.begin(_unittest_id(test))

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self.notes.outcome(_unittest_id(test), "passed")  # unless something worse is known
        self.notes.finish(_unittest_id(test))

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            missing = str(test.id()).startswith(_FAILED)
            self.notes.outcome(
                _unittest_id(test), "error" if missing else "failed", _import_error(test) if missing else err[1]
            )
        else:
            self.notes.whole(_unittest_id(test), "error", err[1])

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        if isinstance(test, unittest.TestCase):
            self.notes.outcome(_unittest_id(test), "skipped")
        else:
            self.notes.whole(_unittest_id(test), "skipped", None)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self.notes.outcome(_unittest_id(test), "failed", err[1])

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.notes.outcome(_unittest_id(test), "xfailed")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self.notes.outcome(_unittest_id(test), "failed")  # as unittest counts it

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.notes.outcome(_unittest_id(test), "failed", err[1])


def _import_error(test: Any) -> BaseException:
    """Return why a test module can't be imported, with its traceback, which unittest keeps only as text."""
    try:
        importlib.import_module(_unittest_id(test))
    except BaseException as error:  # noqa: BLE001 - a module may raise anything
        return error
    return ImportError(_unittest_id(test))


def _unittest_id(test: Any) -> str:
    """Return a test's id; a module that can't be imported goes by its own name."""
    name = str(test.id())
    return name[len(_FAILED) :] if name.startswith(_FAILED) else name


def _flat(test: Any) -> list[Any]:
    return [leaf for part in test for leaf in _flat(part)] if isinstance(test, unittest.TestSuite) else [test]


def run_unittest(orders: dict[str, Any], notes: Notes) -> int:
    """Run unittest and return its exit code."""
    _Result.notes = notes
    if notes.tracer:
        notes.tracer.start()

    class _Runner(unittest.TextTestRunner):
        resultclass: Any = _Result

        def run(self, test: Any) -> Any:
            tests = _flat(test)
            places = arrange([_unittest_id(each) for each in tests], orders["ids"], orders["seed"])
            notes.collected([_unittest_id(tests[place]) for place in places])
            chosen = [] if orders["mode"] == "collect" else [tests[place] for place in places]
            self.failfast = False
            return super().run(unittest.TestSuite(chosen))

    program = unittest.main(
        module=None, argv=["python -m unittest", *orders["args"]], testRunner=_Runner, exit=False, verbosity=2
    )
    return 0 if program.result.wasSuccessful() else 1


def main(path: str) -> int:
    """Do what the orders in `path` say and return the runner's exit code, 127 when the runner is not installed."""
    with open(path, encoding="utf-8") as file:
        orders = json.load(file)
    os.unlink(path)
    write = reporter(os.path.join(os.path.dirname(path), "report.jsonl"), orders["key"])
    del sys.path[0]  # this file's own folder is none of the project's business
    runner = orders["runner"]
    if runner == "pytest" and importlib.util.find_spec("pytest") is None:
        write("missing", tool="pytest")
        return 127
    __import__(runner)  # before the project's folders are importable: a `pytest.py` in the tree is not pytest
    roots = [os.path.abspath(os.path.join(orders["tree"], root)) for root in orders["roots"]]
    sys.path[:0] = list(dict.fromkeys([os.getcwd(), *roots]))
    os.environ["PYTHONPATH"] = os.pathsep.join(roots)
    relative = relative_to(orders["tree"])
    notes = Notes(write, relative, Tracer(relative) if orders["coverage"] else None)
    sys.argv = orders["argv"]
    code = run_pytest(orders, notes) if runner == "pytest" else run_unittest(orders, notes)
    write("end", code=code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
