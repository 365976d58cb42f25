"""Failures of CI runs as findings: which type each is of, and one finding for each cause."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.detectors._pins import broken_inside
from bot.detectors._seen import Finding, Seen
from bot.detectors._subjects import causes as assertion_causes
from bot.model import AnomalyType, Failure, FailureClass, HandlerMetrics, Severity
from bot.telemetry.causes import key_of

_TYPES: dict[FailureClass, AnomalyType] = {
    "missing-dependency": "dependency",
    "dependency-conflict": "dependency",
    "python-version": "dependency",
    "packaging": "dependency",
    "lockfile": "dependency",
    "docs": "documentation",
    "coverage": "coverage",
}
_SEVERITIES: dict[FailureClass, Severity] = {
    "syntax-error": "critical",
    "crash": "critical",
    "lint": "medium",
    "type": "medium",
    "docs": "medium",
    "coverage": "medium",
    "format": "low",
    "network-flake": "low",
    "gate-job": "low",
}
_MODULE = re2.compile(r"No module named '?([A-Za-z_][\w.]*)|cannot import name '[^']*' from '([A-Za-z_][\w.]*)'")
SHOWN = 50  # tests of one cause named in its metrics
FLIPS = 3  # changes between failing and passing from which on a test is called flaky


def type_of(failure: Failure, codebase: Codebase) -> AnomalyType:
    """Return the anomaly type of a failure: an import that fails is a dependency unless the module is the project's."""
    if failure.klass == "import-error":
        module = missing_module(failure)
        outside = (module and not _own(module, codebase)) or broken_inside(failure, codebase)
        return "dependency" if outside else "error"
    return _TYPES.get(failure.klass, "error")


def missing_module(failure: Failure) -> str:
    """Return the dotted module that a failing import names, or an empty text."""
    found = _MODULE.search(failure.message or failure.root_line)
    return str(found.group(1) or found.group(2)) if found else ""


def _own(module: str, codebase: Codebase) -> bool:
    top = module.partition(".")[0]
    return any(name == top or name.startswith(f"{top}.") for name in codebase.modules)


def failure_findings(seen: Seen, wanted: AnomalyType) -> Iterable[Finding]:
    """Yield one finding for each cause among the failures of type `wanted`, in the order of the failures."""
    mine = [f for f in seen.metrics.failures if f.klass != "none" and type_of(f, seen.codebase) == wanted]
    subjects = assertion_causes(mine, seen.codebase)
    causes: dict[str, list[Failure]] = {}
    for place, failure in enumerate(mine):
        causes.setdefault(subjects.get(place) or cause_of(failure), []).append(failure)
    for cause, failures in causes.items():
        yield _finding(wanted, cause, tuple(failures), seen)


def cause_of(failure: Failure) -> str:
    """Return what makes two failures the same cause."""
    return failure.cause_key or key_of(failure.exception or failure.klass, failure.message or failure.root_line)


def _finding(wanted: AnomalyType, cause: str, failures: tuple[Failure, ...], seen: Seen) -> Finding:
    first = failures[0]
    tests = list(dict.fromkeys(failure.test_id for failure in failures if failure.test_id))
    flaky = bool(tests) and all(_flips(seen.baseline.handlers.get(test, ())) >= FLIPS for test in tests)
    said = (first.message or first.root_line).strip().partition("\n")[0]
    named = ": ".join(part for part in (first.exception, said) if part)[:200]
    what = f"{len(tests)} tests fail" if len(tests) > 1 else f"{tests[0]} fails" if tests else f"{first.tool} fails"
    return Finding(
        type=wanted,
        cause=f"{first.klass}:{cause}",
        severity=_SEVERITIES.get(first.klass, "high"),
        description=(f"{what}: {named}" if named else what) + (" (flaky: it failed and passed in turns)" * flaky),
        confidence=first.confidence,
        handler=handler_of(first),
        metrics={
            "class": first.klass,
            "tool": first.tool,
            "exception": first.exception or "",
            "message": first.message,
            "code": first.code,
            "root_line": first.root_line,
            "tests": tests[:SHOWN],
            "file": first.file or "",
            "line": first.line or 0,
            "count": len(failures),
            "new": not any(cause_of(failure) in seen.baseline.known_causes for failure in failures),
            "flaky": flaky,
            "cause_key": cause,
        },
        evidence=tuple(dict.fromkeys(_place(failure) for failure in failures))[:5],
        failures=failures,
    )


def _flips(past: Iterable[HandlerMetrics]) -> int:
    """Return how often a test went from failing to passing or back, from the failing run now into the past."""
    outcomes = [True, *(one.errorRate > 0 for one in past)]
    return sum(one != other for one, other in pairwise(outcomes))


def _place(failure: Failure) -> str:
    line = f":{failure.root_line_no}" if failure.root_line_no else ""
    return f"{failure.log}{line}: {failure.root_line.strip()}".lstrip(": ")[:300]


def handler_of(failure: Failure) -> str:
    """Return the function of the failing test, else the file, else the tool."""
    if failure.test_id:
        name = failure.test_id.partition("[")[0]
        return name.rpartition("::")[2] if "::" in name else name.rpartition(".")[2] or name
    return PurePosixPath(failure.file).name if failure.file else failure.tool
