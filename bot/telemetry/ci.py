"""CI runs as telemetry: what their logs and reports say, failures with their causes, tests as handlers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.logs import diagnose
from bot.logs import failures_of as logged
from bot.logs.intake import Member, read
from bot.logs.lines import Log
from bot.logs.project import Project, project_of
from bot.logs.ran import Ran, tests_in
from bot.model import ErrorCount, EventStream, Failure, HandlerMetrics, Intake, TelemetryMetrics, Verdict
from bot.telemetry.covered import coverage_of
from bot.telemetry.pipeline import CI_LOG, RUN
from bot.telemetry.reports import BROKEN, CheckReport, decoded, failures_of, result_of
from bot.telemetry.tests import as_handlers
from bot.telemetry.words import JOB_FAILED, STEP_FAILED

RAN = BROKEN | {"passed"}


def with_runs(metrics: TelemetryMetrics, stream: EventStream, intake: Intake) -> TelemetryMetrics:
    """Return the metrics with the failures, checks, tests and verdict of the CI logs and reports among the files."""
    reports = [decoded(Path(ref).read_bytes()) for ref, _, dialect in stream.files if dialect == RUN]
    logs = [(name, Path(ref)) for ref, name, dialect in stream.files if dialect == CI_LOG]
    covered = coverage_of((path for _, path in logs), _checkout(intake))
    contents = dict(logs)
    given = {name: path for name, path in logs if name not in {report.log for report in reports}}
    ran = [*_own_tests(reports), *_told_tests(given.items(), _checkout(intake))]
    failures: list[Failure] = []
    verdicts: list[Verdict] = []
    for report in reports:
        found = _of_report(report, contents.pop(report.log, None), intake)
        failures += found
        verdicts.append("failed" if found else "passed")
    if contents:
        diagnosis = diagnose(contents.items(), checkout=_checkout(intake))
        failures += diagnosis.failures
        verdicts.append(diagnosis.verdict)
    return metrics.model_copy(
        update={
            "handlers": {**_marked(metrics.handlers), **as_handlers(ran)},
            "errors": _untold(metrics.errors, told=bool(failures)),
            "failures": tuple(failures),
            "checks": tuple(result_of(report) for report in reports),
            "verdict": _verdict(verdicts),
            "coverage": {
                **metrics.coverage,
                **{file: one.share for file, one in covered.items() if one.share is not None},
            },
            "executed": {file: one.lines for file, one in covered.items()},
        }
    )


def _of_report(report: CheckReport, output: Path | None, intake: Intake) -> tuple[Failure, ...]:
    data = output.read_bytes() if output else b""
    code = 1 if report.exit_code is None else report.exit_code
    _, shown = logged(report.log, data, exit_code=code, checkout=_checkout(intake))
    return failures_of(report, shown, _own_modules(intake))


def _own_modules(intake: Intake) -> frozenset[str]:
    """Return the top-level names that can be imported from the checkout itself."""
    top = _checkout(intake)
    places = [folder for folder in (top, top / "src") if folder.is_dir()] if top else []
    return frozenset(path.stem for place in places for path in place.iterdir() if path.is_dir() or path.suffix == ".py")


def _checkout(intake: Intake) -> Path | None:
    return Path(intake.checkout) if intake.checkout else None


def _verdict(verdicts: list[Verdict]) -> Verdict:
    if "failed" in verdicts:
        return "failed"
    return "passed" if verdicts and set(verdicts) == {"passed"} else "unknown"


def _untold(errors: Iterable[ErrorCount], *, told: bool) -> tuple[ErrorCount, ...]:
    """Return the errors without those of steps and jobs whose cause is told better, by a log or by the step."""
    found = tuple(errors)
    steps = {one.handler.rpartition(" / ")[0] for one in found if one.exception == STEP_FAILED}
    return tuple(
        one
        for one in found
        if one.exception not in (STEP_FAILED, JOB_FAILED)
        or (not told and (one.exception == STEP_FAILED or one.handler not in steps))
    )


def _marked(handlers: Mapping[str, HandlerMetrics]) -> dict[str, HandlerMetrics]:
    """Return the handlers, those marked as tests that telemetry of a test run names by pytest's id."""
    return {name: one.model_copy(update={"test": True}) if ".py::" in name else one for name, one in handlers.items()}


def _own_tests(reports: Iterable[CheckReport]) -> Iterator[Ran]:
    for report in reports:
        for test, outcome in report.outcomes.items():
            if outcome in RAN and test in report.durations:
                yield Ran(test, report.durations[test] * 1e3, outcome in BROKEN, report.started)


def _told_tests(logs: Iterable[tuple[str, Path]], checkout: Path | None) -> Iterator[Ran]:
    """Yield the tests of reports, else those of the logs: a report of the same run knows more of them."""
    told: dict[tuple[str, Ran], None] = {}  # an archive holds a job's log whole and in steps
    reported: list[Ran] = []
    for member in read(logs).members:
        found = tests_in(member, _project(member, checkout))
        if member.report:
            reported.extend(found)
        else:
            told.update(dict.fromkeys((member.name.partition("!")[0], one) for one in found))
    known = {one.test for one in reported}
    return iter([*reported, *(one for _, one in told if one.test not in known)])


def _project(member: Member, checkout: Path | None) -> Project:
    return project_of(Log(member.name, member.data), checkout) if member.report and checkout else Project()
