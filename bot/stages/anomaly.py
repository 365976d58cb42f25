"""Sequence 2, `anomaly.detect`: seven detectors on one set of metrics, put together and kept."""

from __future__ import annotations

from pathlib import Path

from bot.causes.evidence import with_known_spectrum
from bot.codebase import Codebase, of, prepare, with_good
from bot.detectors import behavioral, coverage, dependency, documentation, error, performance, state
from bot.detectors._calls import with_calls
from bot.detectors._seen import Seen
from bot.detectors._together import not_checked, together
from bot.errors import Misconfigured
from bot.model import (
    Anomaly,
    AnomalySet,
    Baseline,
    Completed,
    DetectionRequest,
    Known,
    Request,
    Sequence,
    Start,
    Stored,
    TelemetryMetrics,
)
from bot.ports import Source, Store
from bot.registry import handler
from bot.telemetry.baseline import baseline_file, baseline_of
from bot.telemetry.declared import read_sequences, sequence_files

Anomalies = tuple[Anomaly, ...]
PAST = 10  # earlier records compared with


@handler(returns="detection_request")
def detect_anomalies_requested(request: Request, known: Known | None) -> DetectionRequest | Known:
    """Accept a request for detection on a telemetry record, or give the stored answer; an empty id is an error."""
    if not request.request_id:
        raise Misconfigured("Invalid request ID", hint="Give the request an id that is not empty.")
    if known is not None:
        return known
    intake = request.intake
    return DetectionRequest(
        request_id=request.request_id,
        record_id=request.record_id,
        repository=request.repository,
        checkout=request.checkout,
        baseline=intake.baseline if intake else "",
        sequences=intake.sequences if intake else "",
        good=request.good,
        deadline=request.deadline,
    )


@handler(returns=("metrics", "baseline", "declared", "codebase"))
def load_telemetry_data(
    detection_request: DetectionRequest, store: Store, source: Source
) -> tuple[TelemetryMetrics, Baseline, tuple[Sequence, ...], Codebase]:
    """Load the metrics, what is normal here, the declared sequences, and the code they belong to."""
    metrics = store.load(detection_request.record_id, TelemetryMetrics)
    codebase = _codebase(detection_request, source, store, used=bool(metrics.handlers))
    folder = detection_request.sequences or str(Path(detection_request.checkout or ".") / codebase.info.sequences)
    declared, _ = read_sequences(sequence_files(Path(folder)))
    if detection_request.baseline:
        return metrics, baseline_file(Path(detection_request.baseline), declared), declared, codebase
    repository = detection_request.repository
    past = store.history(TelemetryMetrics, kind="telemetry", repository=repository, limit=PAST + 1)
    earlier = tuple(one for one in past if one != metrics)[:PAST]
    return metrics, baseline_of(earlier), declared, codebase


def _codebase(request: DetectionRequest, source: Source, store: Store, *, used: bool) -> Codebase:
    if not request.checkout:
        return of({})
    info = with_known_spectrum(prepare(request.checkout, source, None, store, environment=False), store)
    # The good version tells which handlers lost their tests: of no use where no handler was seen.
    return Codebase(with_good(info, request.good, source, store) if used and request.good else info)


@handler(returns="performance_anomalies")
def detect_performance_anomalies(metrics: TelemetryMetrics, baseline: Baseline, codebase: Codebase) -> Anomalies:
    """Find handlers over their declared time, slower than their own past, or outside of their objectives."""
    return performance.detect(Seen(metrics, baseline, codebase=codebase))


@handler(returns="behavioral_anomalies")
def detect_behavioral_anomalies(
    metrics: TelemetryMetrics, baseline: Baseline, declared: tuple[Sequence, ...]
) -> Anomalies:
    """Find executions in another order than declared, or than learned where nothing is declared."""
    return behavioral.detect(Seen(metrics, baseline, declared))


@handler(returns="coverage_anomalies")
def detect_coverage_gaps(metrics: TelemetryMetrics, baseline: Baseline, codebase: Codebase) -> Anomalies:
    """Find handlers that are used and not tested, and drops of coverage."""
    return coverage.detect(Seen(metrics, baseline, codebase=codebase))


@handler(returns="error_anomalies")
def detect_error_patterns(metrics: TelemetryMetrics, baseline: Baseline, codebase: Codebase) -> Anomalies:
    """Find errors, grouped by cause: failing checks, and error rates that rose."""
    return error.detect(Seen(metrics, baseline, codebase=codebase))


@handler(returns="state_anomalies")
def detect_state_anomalies(metrics: TelemetryMetrics, codebase: Codebase, declared: tuple[Sequence, ...]) -> Anomalies:
    """Find state that changes where it must not, in telemetry and in the code."""
    return state.detect(Seen(metrics, declared=declared, codebase=codebase))


@handler(returns="dependency_anomalies")
def detect_dependency_anomalies(metrics: TelemetryMetrics, codebase: Codebase) -> Anomalies:
    """Find dependencies that are missing, undeclared or in conflict."""
    return dependency.detect(Seen(metrics, codebase=codebase))


@handler(returns="documentation_anomalies")
def detect_documentation_drift(
    metrics: TelemetryMetrics, codebase: Codebase, declared: tuple[Sequence, ...]
) -> Anomalies:
    """Find documentation that disagrees with the code."""
    return documentation.detect(Seen(metrics, declared=declared, codebase=codebase))


@handler(returns="anomaly_set")
def aggregate_anomaly_results(
    performance_anomalies: Anomalies,
    behavioral_anomalies: Anomalies,
    coverage_anomalies: Anomalies,
    error_anomalies: Anomalies,
    state_anomalies: Anomalies,
    dependency_anomalies: Anomalies,
    documentation_anomalies: Anomalies,
    metrics: TelemetryMetrics,
    baseline: Baseline,
    declared: tuple[Sequence, ...],
    codebase: Codebase,
    detection_request: DetectionRequest,
) -> AnomalySet:
    """Put all findings together: each cause once, worst first, with what was held back and what could not be known."""
    every = (
        *error_anomalies,
        *dependency_anomalies,
        *state_anomalies,
        *behavioral_anomalies,
        *performance_anomalies,
        *coverage_anomalies,
        *documentation_anomalies,
    )
    kept, suppressed = together(with_calls(every, metrics))
    return AnomalySet(
        all_anomalies=kept,
        total_count=len(kept),
        suppressed=suppressed,
        not_checked=not_checked(Seen(metrics, baseline, declared, codebase)),
        telemetry_record=detection_request.record_id,
        repository=detection_request.repository,
        checkout=detection_request.checkout,
    )


@handler(returns="anomalies_stored")
def store_anomaly_results(anomaly_set: AnomalySet, detection_request: DetectionRequest, store: Store) -> Stored:
    """Keep the findings and return their record."""
    record = store.save(anomaly_set, kind="anomalies", repository=detection_request.repository)
    store.answer("anomaly.detect", detection_request.request_id, record)
    return Stored(stored=True, record_id=record)


@handler(returns="completed")
def detect_anomalies_completed(
    detection_request: DetectionRequest, anomalies_stored: Stored, anomaly_set: AnomalySet
) -> Completed:
    """Say how many anomalies were found, and start the diagnosis when there is any."""
    count = anomaly_set.total_count
    starts: tuple[Start, ...] = ()
    if count:
        starts = (
            Start(
                event="analyze.requested",
                request_id=detection_request.request_id,
                record_id=anomalies_stored.record_id,
            ),
        )
    text = f"{count} anomal{'y' if count == 1 else 'ies'} found"
    return Completed(record_id=anomalies_stored.record_id, summary=text, starts=starts)
