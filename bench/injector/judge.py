"""What the bot makes of a library: its anomalies and diagnoses, from the files, the failing log and the coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.injector.observe import Observed
from bench.injector.values import Fault
from bot.checks import TestRun
from bot.codebase import Codebase, of
from bot.codebase.spectrum import Spectrum
from bot.detectors import behavioral, coverage, dependency, documentation, error, performance, state
from bot.detectors._seen import Seen
from bot.detectors._together import together
from bot.logs import failures_of
from bot.model import Anomaly, AnomalyType, Suspect, TelemetryMetrics

DETECTORS: dict[AnomalyType, Any] = {
    "error": error,
    "dependency": dependency,
    "state": state,
    "behavioral": behavioral,
    "performance": performance,
    "coverage": coverage,
    "documentation": documentation,
}


@dataclass(frozen=True)
class Place:
    """Where the truth stands in a list of suspects, from 1; 0 = not in it."""

    function: int
    line: int


def codebase_of(files: Mapping[str, str], run: TestRun) -> Codebase:
    """Return a library in memory with the coverage by test of a run."""
    return of(dict(files), spectrum=Spectrum(coverage=run.coverage, outcomes=run.outcomes))


def seen_in(codebase: Codebase, run: TestRun, fresh: tuple[str, ...]) -> Seen:
    """Return what the detectors look at: the failures in the run's log, without those of the untouched library."""
    _, failures = failures_of("log", run.output, tool="pytest", exit_code=run.run.exit_code)
    new = tuple(one for one in failures if not fresh or not one.test_id or one.test_id in fresh)
    return Seen(TelemetryMetrics().model_copy(update={"failures": new}), codebase=codebase)


def anomalies_of(seen: Seen, *types: AnomalyType) -> tuple[Anomaly, ...]:
    """Return the anomalies of some detectors put together; of all seven when no types are given."""
    chosen = [DETECTORS[type] for type in types or DETECTORS]
    kept, _ = together([one for detector in chosen for one in detector.detect(seen)])
    return kept


def shown_by_tests(anomalies: tuple[Anomaly, ...]) -> Anomaly | None:
    """Return the first anomaly that comes from failing tests."""
    return next((one for one in anomalies if one.failures and one.type in ("error", "state")), None)


def place_of(fault: Fault, suspects: tuple[Suspect, ...]) -> Place:
    """Return where the faulty function and line stand among the suspects."""
    functions = list(dict.fromkeys((one.file, one.function) for one in suspects))
    wanted = (fault.file, fault.function)
    lines = [n for n, one in enumerate(suspects, 1) if one.file == fault.file and one.line in fault.lines]
    return Place(functions.index(wanted) + 1 if wanted in functions else 0, lines[0] if lines else 0)


def faulty(files: Mapping[str, str], fault: Fault, observed: Observed) -> tuple[Codebase, Seen]:
    """Return the library with a fault, and what is seen of it."""
    codebase = codebase_of({**files, **fault.edits}, observed.run)
    return codebase, seen_in(codebase, observed.run, observed.fresh)
