"""CI runs as telemetry: what their logs and reports say, failures with their causes, tests as handlers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.logs import diagnose
from bot.logs import failures_of as logged
from bot.model import EventStream, Failure, HandlerMetrics, Intake, TelemetryMetrics, Verdict, Window
from bot.telemetry.covered import coverage_of
from bot.telemetry.pipeline import CI_LOG, RUN
from bot.telemetry.reports import BROKEN, CheckReport, decoded, failures_of, result_of
from bot.telemetry.timestamps import iso

RAN = BROKEN | {"passed"}


def with_runs(metrics: TelemetryMetrics, stream: EventStream, intake: Intake) -> TelemetryMetrics:
    """Return the metrics with the failures, checks, tests and verdict of the CI logs and reports among the files."""
    reports = [decoded(Path(ref).read_bytes()) for ref, _, dialect in stream.files if dialect == RUN]
    logs = [(name, Path(ref)) for ref, name, dialect in stream.files if dialect == CI_LOG]
    covered = coverage_of(path for _, path in logs)
    contents = dict(logs)
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
            "handlers": {**_marked(metrics.handlers), **_tests(reports)},
            "failures": tuple(failures),
            "checks": tuple(result_of(report) for report in reports),
            "verdict": _verdict(verdicts),
            "coverage": {**metrics.coverage, **covered},
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


def _marked(handlers: Mapping[str, HandlerMetrics]) -> dict[str, HandlerMetrics]:
    """Return the handlers, those marked as tests that telemetry of a test run names by pytest's id."""
    return {name: one.model_copy(update={"test": True}) if ".py::" in name else one for name, one in handlers.items()}


def _tests(reports: Iterable[CheckReport]) -> dict[str, HandlerMetrics]:
    """Return each test that ran as a handler with one execution; times in milliseconds."""
    found: dict[str, HandlerMetrics] = {}
    for report in reports:
        for test, outcome in report.outcomes.items():
            if outcome in RAN and test in report.durations:
                found[test] = _one(report.durations[test] * 1e3, outcome in BROKEN, report.started)
    return found


def _one(duration: float, failed: bool, at: float) -> HandlerMetrics:
    window = Window(start=at, count=1, errors=int(failed), samples=(duration,))
    times = dict.fromkeys(("avgTime", "p50", "p95Time", "p99Time"), duration)
    return HandlerMetrics(count=1, errorRate=float(failed), lastSeen=iso(at), windows=(window,), test=True, **times)
