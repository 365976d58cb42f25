"""What text and JSON records of loggers have in common: which fields mean handler, duration, time and error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from bot.model import TelemetryEvent
from bot.telemetry.durations import milliseconds
from bot.telemetry.normal import kind as kind_of
from bot.telemetry.wire import error_text

HANDLERS = ("handler", "function", "func", "funcname", "func_name", "operation", "op", "task", "endpoint")
SEQUENCES = ("sequence", "sequenceid", "sequence_id")
EXECUTIONS = ("execution", "executionid", "execution_id", "trace_id", "traceid", "request_id", "correlation_id")
TIMES = ("timestamp", "@timestamp", "time", "ts", "asctime", "datetime", "at")
LEVELS = ("level", "levelname", "severity", "lvl", "log.level", "level_name")
LOGGERS = ("logger", "name", "logger_name", "log.logger", "module")
ERRORS = ("exception", "exc_info", "error", "err", "traceback", "stack_info", "stack")
DURATIONS = {
    "duration_ms": "ms", "elapsed_ms": "ms", "latency_ms": "ms", "took_ms": "ms", "durationms": "ms",
    "duration_s": "s", "elapsed_s": "s", "duration_us": "us", "duration_ns": "ns",
    "duration": "", "elapsed": "", "latency": "", "took": "",
}  # fmt: skip
BAD_LEVELS = frozenset({"error", "critical", "fatal", "exception", "err", "panic", "emergency", "alert"})
EVENTS = frozenset({"beat-started", "beat-completed", "error"})
BAD_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decoder = msgspec.json.Decoder(dict[str, object])


def first(fields: Mapping[str, object], names: Iterable[str]) -> object:
    """Return the first field that is there and not empty, or None."""
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)


def duration_of(fields: Mapping[str, object]) -> float | None:
    """Return the duration in milliseconds that the fields hold, or None."""
    return next((milliseconds(fields[key], unit) for key, unit in DURATIONS.items() if key in fields), None)


def event_of_record(fields: Mapping[str, object], kind: str, error: str | None) -> TelemetryEvent | None:
    """Return the event of a record whose field names are in lower case, or None when it names no handler.

    `kind` is what the record says of itself; a record of an error names its logger as the handler when it has no other.
    """
    bad = str(first(fields, LEVELS) or "").lower() in BAD_LEVELS
    duration = duration_of(fields)
    handler = first(fields, HANDLERS) or (first(fields, LOGGERS) if bad or error else None)
    if not handler:
        return None
    if kind not in EVENTS:
        kind = "error" if error or (bad and duration is None) else "beat-completed" if duration is not None else "log"
    beat = str(fields.get("beat") or "")
    return TelemetryEvent(
        timestamp=str(first(fields, TIMES) or ""),
        event=kind,
        handler=str(handler),
        sequence=str(first(fields, SEQUENCES) or ""),
        execution=str(first(fields, EXECUTIONS) or ""),
        beat=int(beat) if beat.isascii() and beat.isdigit() and len(beat) < 10 else None,
        duration_ms=duration,
        error=error or (error_text(_message(fields)) if kind == "error" else None),
    )


def _message(fields: Mapping[str, object]) -> str:
    return str(first(fields, ("message", "msg", "event", "text")) or "")


def fields_of(line: bytes) -> dict[str, object]:
    """Return the fields of a JSON object, names in lower case; raises one of `BAD_JSON` when it is none."""
    return {key.lower(): value for key, value in _decoder.decode(line).items()}


def event_of_object(line: bytes) -> TelemetryEvent | None:
    """Return the event of a JSON object, or None when it names no handler; raises one of `BAD_JSON`."""
    fields = fields_of(line)
    found = event_of_record(fields, kind_of(str(fields.get("event") or "")), _error(fields))
    context = fields.get("context")
    return msgspec.structs.replace(found, context=context) if found and isinstance(context, dict) else found


def _error(fields: dict[str, object]) -> str | None:
    value = first(fields, ERRORS)
    if isinstance(value, list):
        return "\n".join(_told(one) for one in value) or None
    return error_text(value)


def _told(one: object) -> str:
    """Return one exception of structlog's list of them as the text of a traceback."""
    if not isinstance(one, dict):
        return str(one)
    frames = [frame for frame in one.get("frames") or () if isinstance(frame, dict)]
    lines_ = [f'  File "{f.get("filename")}", line {f.get("lineno", 0)}, in {f.get("name", "")}' for f in frames]
    return "\n".join(["Traceback (most recent call last):", *lines_, f"{one.get('exc_type')}: {one.get('exc_value')}"])
