"""A check that we ran ourselves, kept as a report: what it was, how it ended, and every test's outcome and error."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.model import CheckResult, Failure, FailureClass, Frame
from bot.telemetry.causes import key_of

_CLASSES: dict[str, FailureClass] = {
    "ModuleNotFoundError": "import-error",
    "ImportError": "import-error",
    "SyntaxError": "syntax-error",
    "IndentationError": "syntax-error",
    "TabError": "syntax-error",
    "TimeoutError": "test-failure",
    "MemoryError": "oom",
}
BROKEN = frozenset({"failed", "error"})


class TestFailure(msgspec.Struct, frozen=True):
    """The error of one test; `frames` are (file, line, function, project), innermost last."""

    exception: str
    message: str
    file: str
    line: int
    frames: tuple[tuple[str, int, str, bool], ...] = ()


class CheckReport(msgspec.Struct, frozen=True):
    """One check that ran: times in seconds, `outcomes` and `durations` by test id (durations in seconds)."""

    name: str
    kind: str
    tool: str
    command: str
    exit_code: int | None
    seconds: float
    digest: str
    sandbox: str
    log: str
    complete: bool = True
    timed_out: bool = False
    outcomes: dict[str, str] = {}
    durations: dict[str, float] = {}
    errors: dict[str, TestFailure] = {}
    started: float = 0.0


_decoder = msgspec.json.Decoder(CheckReport)


def encoded(report: CheckReport) -> bytes:
    """Return the report as JSON."""
    return msgspec.json.encode(report)


def decoded(data: bytes) -> CheckReport:
    """Return the report of its JSON; raises `msgspec.MsgspecError` for anything else."""
    return _decoder.decode(data)


def result_of(report: CheckReport) -> CheckResult:
    """Return the report as the value that later stages compare with."""
    return CheckResult(
        name=report.name,
        kind=report.kind,
        command=report.command,
        exit_code=report.exit_code,
        seconds=report.seconds,
        digest=report.digest,
        sandbox=report.sandbox,
        outcomes=report.outcomes,
    )


def failures_of(report: CheckReport, from_log: Iterable[Failure]) -> tuple[Failure, ...]:
    """Return the failures of one check, each failing test once.

    The report knows which tests failed and where; the log knows the line that shows it and failures without a test
    (a crash, a collection error). A log's failure of a test that the report saw pass is left out.
    """
    logged = list(from_log)
    if not report.outcomes:
        return tuple(logged) or _unexplained(report)
    by_test = {failure.test_id: failure for failure in reversed(logged) if failure.test_id}
    broken = [test for test, outcome in report.outcomes.items() if outcome in BROKEN]
    named = [_failure(report, test, by_test.get(test)) for test in broken]
    others = [f for f in logged if f.test_id not in report.outcomes and not _told(f, named)]
    if named and report.complete:
        others = [failure for failure in others if failure.klass not in ("test-failure", "crash")]
    return (*named, *others) or _unexplained(report)


def _told(failure: Failure, named: list[Failure]) -> bool:
    return any(failure.cause_key == other.cause_key or failure.root_line == other.root_line for other in named)


def _failure(report: CheckReport, test: str, logged: Failure | None) -> Failure:
    error = report.errors.get(test)
    if error is None:
        return logged or _bare(report, test)
    frames = tuple(Frame(file=f, line=n, function=name, project=ours) for f, n, name, ours in error.frames)
    found: dict[str, object] = {
        "test_id": test,
        "exception": error.exception or None,
        "message": error.message,
        "file": error.file or None,
        "line": error.line or None,
        "frames": frames,
    }
    if logged is not None:
        return logged.model_copy(update={key: value for key, value in found.items() if value})
    return Failure.model_validate(
        {
            **found,
            "class": _class(error.exception),
            "tool": report.tool,
            "log": report.log,
            "root_line": f"{error.exception}: {error.message.partition(chr(10))[0]}".strip(": "),
            "cause_key": key_of(error.exception, error.message.partition("\n")[0]),
        }
    )


def _class(exception: str) -> FailureClass:
    return _CLASSES.get(exception.rpartition(".")[2], "test-failure")


def _bare(report: CheckReport, test: str) -> Failure:
    said = f"{test} {report.outcomes[test]}"
    fields = {"class": "test-failure", "tool": report.tool, "test_id": test, "log": report.log}
    return Failure.model_validate({**fields, "root_line": said, "message": said, "cause_key": key_of("", said)})


def _unexplained(report: CheckReport) -> tuple[Failure, ...]:
    """Return one failure for a check that went wrong and said nothing that is understood."""
    if report.exit_code == 0 and not report.timed_out:
        return ()
    klass = "timeout" if report.timed_out else _KINDS.get(report.kind, "crash")
    said = f"{report.command} {'ran out of time' if report.timed_out else f'ended with exit code {report.exit_code}'}"
    fields = {"class": klass, "tool": report.tool, "log": report.log, "root_line": said, "message": said}
    return (Failure.model_validate({**fields, "confidence": 0.5, "cause_key": key_of(klass, report.name)}),)


_KINDS: dict[str, FailureClass] = {"lint": "lint", "format": "format", "type": "type", "docs": "docs"}
