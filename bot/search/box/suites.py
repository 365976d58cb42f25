"""The tests of a project, collected once and run one by one, under pytest or unittest."""

from __future__ import annotations

import copy
import os
import sys
import unittest
from typing import Any, Callable, Optional, Tuple

from .swap import Json, OverBudget
from .watch import describe

Work = Callable[[Any], None]
Result = Tuple[str, Optional[Json]]


class PytestSuite:
    """The items that pytest collected."""

    def __init__(self, session: Any, plugin: Plugin) -> None:
        self.items = {item.nodeid: item for item in session.items}
        self.state = session._setupstate
        self.plugin = plugin
        self.last: Any = None
        self.copying = False
        self.kept_folders = getattr(sys.modules.get("_pytest.tmpdir"), "tmppath_result_key", None)
        folders: Any = getattr(session.config, "_tmp_path_factory", None)
        if hasattr(folders, "_retention_policy"):
            folders._retention_policy = "failed"  # thousands of candidates would fill the disk

    @property
    def tests(self) -> list[str]:
        """Return the tests in the order they run."""
        return list(self.items)

    def fixtures(self, test: str) -> frozenset[str]:
        """Return the names of the fixtures that a test uses."""
        return frozenset(getattr(self.items.get(test), "fixturenames", ()))

    def quick(self, test: str) -> BaseException | None:
        """Run one test without reports, keeping what its siblings share set up; return what it raised."""
        item = self.items[test]
        error: BaseException | None = None
        if self.last is not None and self.last.parent is not item.parent:
            self._tear_down(self.last, None)
        self.last = item
        item._excinfo = None
        own = getattr(item, "callspec", None)
        kept = dict(own.params) if own else {}
        if own and self.copying:
            own.params.update(copied(kept))
        item._initrequest()
        if self.kept_folders is not None:
            item.stash[self.kept_folders] = {}  # `tmp_path` asks for the reports that are not made here
        try:
            (self.state.prepare if hasattr(self.state, "prepare") else self.state.setup)(item)
            item.runtest()
            error = item._excinfo[0].value if item._excinfo else None
        except BaseException as raised:  # noqa: BLE001  whatever a test raises is its result
            error = raised
        try:
            self._tear_down(item, item.parent)
        except BaseException as raised:  # noqa: BLE001
            error = error or raised
        if own:
            own.params.update(kept)
        if isinstance(error, OverBudget):
            _unwound(item)
        return error

    def _tear_down(self, item: Any, until: Any) -> None:
        old = hasattr(self.state, "prepare")
        self.state.teardown_exact(*((item, until) if old else (until,)))

    def full(self, test: str, following: str | None) -> Result:
        """Run one test with the whole protocol; return its outcome and error."""
        item = self.items.get(test)
        if item is None:
            return self.plugin.collected.get(test, "missing"), None
        self.plugin.outcomes.pop(test, None)
        self.plugin.errors.pop(test, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.items.get(following))
        return self.plugin.outcomes.get(test, "error"), self.plugin.errors.get(test)


def _unwound(item: Any) -> None:
    """Take back what a test's own fixtures keep of a set-up that was cut short: pytest undoes it only for errors."""
    for fixtures in item._fixtureinfo.name2fixturedefs.values():
        for fixture in fixtures:
            if getattr(fixture, "scope", "") == "function":
                fixture.cached_result = None
                del getattr(fixture, "_finalizers", [])[:]


def copied(params: dict[str, Any]) -> dict[str, Any]:
    """Return copies of a test's parameters, which the code under test may change; what can't be copied stays."""
    try:
        return copy.deepcopy(params)
    except Exception:  # noqa: BLE001  a stranger's __deepcopy__ may raise anything
        return params


class Plugin:
    """Takes over pytest once it has collected; `files` are the only test modules to collect, all when empty."""

    def __init__(self, files: list[str], work: Work) -> None:
        self.files, self.work = tuple(os.sep + file for file in files), work
        self.outcomes: dict[str, str] = {}
        self.errors: dict[str, Any] = {}
        self.collected: dict[str, str] = {}

    def hooks(self, pytest: Any) -> Plugin:
        """Return itself with the hooks that differ between versions of pytest."""
        if int(pytest.__version__.split(".")[0]) >= 7:
            self.pytest_ignore_collect = lambda collection_path: self._unwanted(str(collection_path))
        else:
            self.pytest_ignore_collect = lambda path: self._unwanted(str(path))
        self.pytest_runtestloop = pytest.hookimpl(tryfirst=True)(_plain(self._loop))
        return self

    def _unwanted(self, path: str) -> bool | None:
        special = os.path.basename(path) in ("conftest.py", "__init__.py") or os.path.isdir(path)
        return True if self.files and not special and not path.endswith(self.files) else None

    def _loop(self, session: Any) -> bool:
        self.work(PytestSuite(session, self))
        return True

    def pytest_collectreport(self, report: Any) -> None:
        """Keep whether a module could be collected."""
        self.collected[report.nodeid] = "error" if report.failed else report.outcome

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        """Keep the exception of a test."""
        if call.excinfo is not None:
            self.errors.setdefault(item.nodeid, describe(call.excinfo.value))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the outcome of a test: the worst of its phases."""
        outcome = report.outcome
        if hasattr(report, "wasxfail") and not report.failed:
            outcome = "xfailed" if report.skipped else "xpassed"
        elif report.failed and report.when != "call":
            outcome = "error"
        if report.when == "call" or outcome != "passed":
            self.outcomes[report.nodeid] = outcome


def _plain(method: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a plain function, since hook options can't be set on a method."""

    def pytest_runtestloop(session: Any) -> bool:
        return method(session)

    return pytest_runtestloop


class UnittestSuite:
    """The tests that unittest loaded; class and module fixtures run for each test alone."""

    def __init__(self, tests: Any) -> None:
        self.copying = False
        self.cases = {test.id(): test for test in _flat(tests)}

    def fixtures(self, _test: str) -> frozenset[str]:
        """Return the names of the fixtures that a test uses: unittest has none."""
        return frozenset()

    @property
    def tests(self) -> list[str]:
        """Return the tests in the order they run."""
        return list(self.cases)

    def _run(self, test: str) -> _Result:
        result = _Result()
        unittest.TestSuite([self.cases[test]]).run(result)
        return result

    def quick(self, test: str) -> BaseException | None:
        """Run one test; return what it raised, a skip included."""
        result = self._run(test)
        return result.raised[0] if result.raised else (unittest.SkipTest("skipped") if result.skipped else None)

    def full(self, test: str, _following: str | None) -> Result:
        """Run one test; return its outcome and error."""
        if test not in self.cases:
            return "missing", None
        result = self._run(test)
        if result.raised:
            return ("failed" if result.failures else "error"), describe(result.raised[0])
        if result.unexpectedSuccesses:
            return "failed", None
        return ("skipped" if result.skipped else "xfailed" if result.expectedFailures else "passed"), None


class _Result(unittest.TestResult):
    def __init__(self) -> None:
        super().__init__()
        self.raised: list[BaseException] = []

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self.raised.append(err[1])
        super().addError(test, err)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self.raised.append(err[1])
        super().addFailure(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self.raised.append(err[1])
        super().addSubTest(test, subtest, err)


def _flat(tests: Any) -> Any:
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            yield from _flat(test)
        else:
            yield test


class _Runner:
    def __init__(self, work: Work) -> None:
        self.work = work

    def run(self, tests: Any) -> unittest.TestResult:
        """Hand the loaded tests over instead of running them."""
        self.work(UnittestSuite(tests))
        return unittest.TestResult()


def collect(runner: str, args: list[str], files: list[str], work: Work) -> None:
    """Collect the tests as the command line would and call `work` with the suite."""
    if runner == "unittest":
        unittest.main(module=None, argv=["python -m unittest", *args], testRunner=_Runner(work), exit=False)
        return
    import pytest

    quiet = ["-p", "no:cacheprovider", "-p", "no:randomly"]
    installed = (("xdist", ["-n0"]), ("pytest_cov", ["--no-cov"]))
    for module, flags in () if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") else installed:
        try:
            __import__(module)
            quiet.extend(flags)
        except ImportError:
            continue
    done: list[bool] = []

    def once(suite: Any) -> None:
        done.append(True)
        work(suite)

    code = pytest.main([*args, *quiet], plugins=[Plugin(files, once).hooks(pytest)])
    if not done and code == pytest.ExitCode.USAGE_ERROR:
        pytest.main([*args, *quiet, "-o", "addopts="], plugins=[Plugin(files, once).hooks(pytest)])


def collect_for(setup: Json, work: Work) -> None:
    """Collect as a set-up (runner, args, files) says and call `work` with the suite."""
    collect(setup["runner"], setup["args"], setup["files"], work)


def importable(runner: str) -> bool:
    """Load the runner ahead of the forks; return whether it is there."""
    try:
        __import__(runner)
    except ImportError:
        return False
    return runner in sys.modules
