"""Sequence 1, `telemetry.parse`: from log files, telemetry or the project's own checks to metrics."""

from __future__ import annotations

from pathlib import Path

from bot.causes.evidence import World, measured
from bot.codebase import prepare
from bot.errors import Misconfigured
from bot.model import (
    Completed,
    EventStream,
    Intake,
    Known,
    LogFile,
    LogFiles,
    Request,
    Start,
    Stored,
    TelemetryMetrics,
    TelemetryRequest,
)
from bot.ports import Environments, Progress, Sandbox, Source, Store
from bot.registry import handler
from bot.telemetry import intake as files
from bot.telemetry.ci import with_runs
from bot.telemetry.declared import read_sequences
from bot.telemetry.pipeline import SEQUENCE, collected, dialects_for
from bot.telemetry.running import Runner
from bot.telemetry.summary import summarised
from bot.telemetry.words import counted

SEQUENCES = "sequences"  # where users' sequence files lie unless the policy or the command says otherwise


@handler(returns="telemetry_request")
def parse_telemetry_requested(request: Request, known: Known | None) -> TelemetryRequest | Known:
    """Accept a request to read logs or telemetry, or give the stored answer; an empty id is an error."""
    if not request.request_id:
        raise Misconfigured("Invalid request ID", hint="Give the request an id that is not empty.")
    if known is not None:
        return known
    intake = request.intake or Intake(
        repository=request.repository, checkout=request.checkout, good=request.good, seed=request.seed
    )
    return TelemetryRequest(request_id=request.request_id, intake=intake, deadline=request.deadline)


@handler(returns="log_files")
def load_log_files(
    telemetry_request: TelemetryRequest,
    store: Store,
    source: Source,
    environments: Environments,
    sandbox: Sandbox,
    progress: Progress,
) -> LogFiles:
    """Take in the logs and telemetry that were given; without any, run the project's checks and keep what they say."""
    intake = telemetry_request.intake
    found: tuple[LogFile, ...] = ()
    refused: tuple[str, ...] = ()
    if intake.logs or intake.telemetry:
        logs, bad_logs = files.taken(intake.logs, "log", store)
        events, bad_events = files.taken(intake.telemetry, "events", store)
        found, refused = (*logs, *events), (*bad_logs, *bad_events)
        if intake.measure and intake.checkout:
            progress.say("measuring which code the tests run")
            measured(intake.checkout, World(source, sandbox, store), environments)
    elif intake.checkout:
        info = prepare(intake.checkout, source, environments, store, environment=True)
        found = Runner(sandbox, store, progress, telemetry_request.deadline).run(info)
    else:
        raise Misconfigured("there is nothing to read", hint="Name a log, telemetry files or a git checkout.")
    declared, unread = files.taken(_sequence_folders(intake), "sequence", store)
    every = (*found, *declared)
    size = sum(file.size for file in every)
    return LogFiles(files=every, count=len(every), total_size=size, refused=(*refused, *unread))


def _sequence_folders(intake: Intake) -> tuple[str, ...]:
    if intake.sequences:
        return (intake.sequences,)
    usual = Path(intake.checkout or ".") / SEQUENCES
    return (str(usual),) if intake.checkout and usual.is_dir() else ()


@handler(returns="events")
def extract_telemetry_events(log_files: LogFiles, store: Store) -> EventStream:
    """Recognise how each file is written, and say how its events are read: files, dialects, number of lines."""
    found = []
    for file in log_files.files:
        path = files.located(file, store)
        found += [(str(path), file.name, dialect) for dialect in dialects_for(file, path)]
    return EventStream(files=tuple(found), event_count=files.event_lines(found))


@handler(returns="normalized_events")
def normalize_telemetry_data(events: EventStream) -> EventStream:
    """Add the steps that make times UTC, event kinds and handler names the same; they run as the events are read."""
    return EventStream(files=events.files, steps=(*events.steps, "normal"), event_count=events.event_count)


@handler(returns="metrics")
def aggregate_telemetry_metrics(
    normalized_events: EventStream, log_files: LogFiles, telemetry_request: TelemetryRequest
) -> TelemetryMetrics:
    """Sum the events up by handler, sequence and cause, and add what logs and reports of CI runs say."""
    declared, unread = read_sequences(Path(ref) for ref, _, dialect in normalized_events.files if dialect == SEQUENCE)
    sequences = {sequence.id: sequence for sequence in declared}
    metrics = summarised(collected(normalized_events, sequences), sequences)
    dropped = {**metrics.dropped, "refused": len(log_files.refused) + len(unread)}
    metrics = metrics.model_copy(update={"dropped": {key: count for key, count in dropped.items() if count}})
    return with_runs(metrics, normalized_events, telemetry_request.intake)


@handler(returns="telemetry_stored")
def store_telemetry_database(metrics: TelemetryMetrics, telemetry_request: TelemetryRequest, store: Store) -> Stored:
    """Keep the metrics, as the newest of their repository, and return their record."""
    record = store.save(metrics, kind="telemetry", repository=telemetry_request.intake.repository)
    store.answer("telemetry.parse", telemetry_request.request_id, record)
    return Stored(stored=True, record_id=record)


@handler(returns="completed")
def parse_telemetry_completed(
    telemetry_request: TelemetryRequest, telemetry_stored: Stored, metrics: TelemetryMetrics
) -> Completed:
    """Say what was read, and start detection on it."""
    parts = [counted(metrics.event_count, "event"), counted(len(metrics.handlers), "handler")]
    if metrics.verdict != "unknown":
        parts += [counted(len(metrics.failures), "failure"), f"verdict {metrics.verdict}"]
    start = Start(
        event="detect.anomalies.requested",
        request_id=telemetry_request.request_id,
        record_id=telemetry_stored.record_id,
    )
    return Completed(record_id=telemetry_stored.record_id, summary=", ".join(parts), starts=(start,))
