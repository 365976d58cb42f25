"""A check that we ran ourselves, kept as a report: what it was, how it ended, and every test's outcome and error."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.logs.causes import cause_key, classify, last_own_frame
from bot.model import CheckResult, Failure, FailureClass, Frame

BROKEN = frozenset({"failed", "error"})


class CaseError(msgspec.Struct, frozen=True):
    """The error of one test; `frames` are (file, line, function, project), innermost last."""

    exception: str
    message: str
    file: str
    line: int
    frames: tuple[tuple[str, int, str, bool], ...] = ()


class CheckReport(msgspec.Struct, frozen=True):
    """One check that ran: times in seconds, `outcomes`, `durations` (seconds) and `errors` by test id.

    `stopped` says which limit ended it, `unfinished` are the tests that were running then.
    """

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
    stopped: str = ""
    unfinished: tuple[str, ...] = ()
    outcomes: dict[str, str] = {}
    durations: dict[str, float] = {}
    errors: dict[str, CaseError] = {}
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


def failures_of(report: CheckReport, logged: Iterable[Failure], own: Iterable[str] = ()) -> tuple[Failure, ...]:
    """Return the failures of one check, each failing test once; `logged` are those that its output shows.

    The report knows which tests failed and where; the output knows the line that shows it, and failures without a test
    (a collection error, a crash). `own` are the names of the project's modules.
    """
    shown = tuple(logged)
    if not report.outcomes and not report.unfinished:
        return shown or _unexplained(report)
    by_test = {failure.test_id: failure for failure in reversed(shown) if failure.test_id}
    broken = [test for test, outcome in report.outcomes.items() if outcome in BROKEN]
    named = [_failure(report, test, by_test.get(test), own) for test in broken]
    named += [_hanging(report, test) for test in report.unfinished]
    others = [failure for failure in shown if not _told(failure, named, report)]
    return _grouped([*named, *others]) or _unexplained(report)


def _told(failure: Failure, named: list[Failure], report: CheckReport) -> bool:
    """Say whether a failure in the output is one that the report has told, or one of a test that passed."""
    if failure.test_id in report.outcomes:
        return True
    same = any(failure.root_line == other.root_line or failure.cause_key == other.cause_key for other in named)
    return same or (report.complete and bool(named) and failure.klass in ("test-failure", "crash"))


def _failure(report: CheckReport, test: str, logged: Failure | None, own: Iterable[str]) -> Failure:
    error = report.errors.get(test)
    if error is None:
        return logged or _told_only(report, test, f"{test} {report.outcomes[test]}", "test-failure")
    frames = tuple(Frame(file=f, line=n, function=name, project=ours) for f, n, name, ours in error.frames)
    if logged is not None:
        better = {"frames": frames or logged.frames, "exception": logged.exception or error.exception or None}
        place = {"file": logged.file or error.file or None, "line": logged.line or error.line or None}
        return logged.model_copy(update={**better, **place})
    klass = classify(error.exception, error.message, own=own, loading="::" not in test)
    first = error.message.strip().partition("\n")[0]
    fields = {
        "class": klass,
        "tool": report.tool,
        "test_id": test,
        "exception": error.exception or None,
        "message": error.message,
        "file": error.file or None,
        "line": error.line or None,
        "frames": frames,
        "log": report.log,
        "root_line": f"{error.exception}: {first}".strip(": "),
        "cause_key": cause_key(klass, error.exception, error.message),
    }
    return Failure.model_validate(fields)


def _grouped(failures: list[Failure]) -> tuple[Failure, ...]:
    """Return the failures with one key for those of one class and exception from one line of the project's code."""
    first: dict[tuple[str, str | None, str], str] = {}
    made = []
    for failure in failures:
        frame = last_own_frame(failure.frames)
        key = first.setdefault((failure.klass, failure.exception, frame), failure.cause_key) if frame else ""
        made.append(failure.model_copy(update={"cause_key": key}) if key else failure)
    return tuple(made)


def _hanging(report: CheckReport, test: str) -> Failure:
    timed = report.stopped != "" and report.exit_code is None
    said = f"{test} did not end" if timed else f"{test} ended the whole run"
    return _told_only(report, test, said, "timeout" if timed else "crash")


def _told_only(report: CheckReport, test: str, said: str, klass: FailureClass) -> Failure:
    fields = {"class": klass, "tool": report.tool, "test_id": test, "log": report.log, "file": _file(test)}
    key = cause_key(klass, None, said)
    return Failure.model_validate({**fields, "root_line": said, "message": said, "cause_key": key})


def _file(test: str) -> str | None:
    return test.partition("::")[0] if "::" in test else None


def _unexplained(report: CheckReport) -> tuple[Failure, ...]:
    """Return one failure for a check that went wrong and said nothing that is understood."""
    if report.exit_code == 0:
        return ()
    klass: FailureClass = "timeout" if report.exit_code is None else _KINDS.get(report.kind, "crash")
    end = f"was stopped ({report.stopped or 'limit'})" if report.exit_code is None else f"ended with {report.exit_code}"
    said = f"{report.command} {end}"
    fields = {"class": klass, "tool": report.tool, "log": report.log, "root_line": said, "message": said}
    key = cause_key(klass, None, report.name)
    return (Failure.model_validate({**fields, "confidence": 0.5, "cause_key": key}),)


_KINDS: dict[str, FailureClass] = {"lint": "lint", "format": "format", "type": "type", "docs": "docs"}
