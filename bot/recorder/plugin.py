"""The recorder as a plugin of pytest: every test is a beat, with its time and its error."""

from __future__ import annotations

import os
import time
from typing import Any

from bot.recorder.beats import add, configure, flush

DEFAULT = "selfheal-telemetry.jsonl"
_tests: dict[str, list[Any]] = {}


def pytest_addoption(parser: Any) -> None:
    """Add the option `--selfheal FILE`."""
    group = parser.getgroup("selfheal")
    group.addoption("--selfheal", metavar="FILE", default="", help="where to write telemetry (default: %s)" % DEFAULT)


def pytest_configure(config: Any) -> None:
    """Begin to record; what the environment says of values, sampling and redaction holds."""
    named = config.getoption("--selfheal")
    if named or not os.environ.get("SELFHEAL_TELEMETRY"):
        values = (os.environ.get("SELFHEAL_VALUES") or "").lower() in ("1", "true", "yes", "on")
        configure(named or DEFAULT, os.environ.get("SELFHEAL_TOKEN") or "", values)
    config._selfheal = not hasattr(config, "workerinput")  # with xdist the tests are told by the controller alone
    _tests.clear()
    _tests[""] = [config._selfheal]


def pytest_runtest_logreport(report: Any) -> None:
    """Gather the phases of a test, and record it after the last of them."""
    if not _tests.get("", [False])[0]:
        return
    phases = _tests.setdefault(report.nodeid, [])
    phases.append(report)
    if report.when == "teardown":
        _add_test(report.nodeid, _tests.pop(report.nodeid))


def pytest_collectreport(report: Any) -> None:
    """Record a module that could not be collected."""
    if report.failed and _tests.get("", [False])[0]:
        add(report.nodeid, time.time(), 0.0, _error(report), outcome="error", test=True)


def pytest_unconfigure(config: Any) -> None:
    """Write what is held."""
    flush()


def _add_test(test: str, phases: list[Any]) -> None:
    seconds = sum(float(phase.duration) for phase in phases)
    start = min(getattr(phase, "start", 0) or time.time() - seconds for phase in phases)
    broken = [phase for phase in phases if phase.failed]
    expected = any(hasattr(phase, "wasxfail") for phase in phases)
    if not broken and not expected and any(phase.skipped for phase in phases):
        return
    outcome = "failed" if broken else "xfailed" if expected else "passed"
    add(test, start, seconds, _error(broken[0]) if broken else None, outcome=outcome, test=True)


def _error(report: Any) -> str:
    """Return the error of a report as a traceback, from what pytest kept of it."""
    kept, crash = report.longrepr, getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        lines = str(kept or "error").splitlines()
        return "\n".join(line[4:] if line.startswith("E   ") else line for line in lines)
    entries = getattr(getattr(kept, "reprtraceback", None), "reprentries", ())
    places = [place for place in (getattr(entry, "reprfileloc", None) for entry in entries) if place is not None]
    frames = ['  File "%s", line %s, in %s' % (one.path, one.lineno, _test_name(report)) for one in places or [crash]]
    said = str(crash.message)
    named = said.partition(":")[0].partition("\n")[0].replace(".", "").isidentifier()
    message = said if named else "AssertionError: " + said
    return "\n".join(["Traceback (most recent call last):", *frames, message])


def _test_name(report: Any) -> str:
    return str(report.nodeid).rpartition("::")[2].partition("[")[0] or "<module>"
