"""One beat event as it stands on a line of JSON, decoded by type: what is not named here is skipped or kept apart."""

from __future__ import annotations

import msgspec

from bot.model import TelemetryEvent
from bot.telemetry.durations import milliseconds

KNOWN = frozenset(
    {
        "timestamp", "event", "handler", "sequence", "sequenceId", "execution", "executionId", "beat",
        "duration_ms", "duration", "error", "context",
    }
)  # fmt: skip


class Wire(msgspec.Struct):
    """The fields of an event with their aliases; a value of an unexpected type makes the line bad, not the run."""

    timestamp: str | int | float = ""
    event: str = ""
    handler: str | None = None
    sequence: str | None = None
    sequenceId: str | None = None
    execution: str | int | None = None
    executionId: str | int | None = None
    beat: int | str | None = None
    duration_ms: float | str | None = None
    duration: float | str | None = None
    error: str | dict[str, object] | bool | None = None
    context: dict[str, object] | None = None


def event_of(wire: Wire, extra: dict[str, object] | None = None) -> TelemetryEvent:
    """Return the event of a decoded line; `extra` (unknown fields) joins its context."""
    execution = wire.execution if wire.execution is not None else wire.executionId
    context = {**extra, **(wire.context or {})} if extra else wire.context
    return TelemetryEvent(
        timestamp=str(wire.timestamp),
        event=wire.event,
        handler=wire.handler or "",
        sequence=wire.sequence or wire.sequenceId or "",
        execution="" if execution is None else str(execution),
        beat=_beat(wire.beat),
        duration_ms=_duration(wire),
        error=error_text(wire.error),
        context=context,
    )


def _duration(wire: Wire) -> float | None:
    return milliseconds(wire.duration if wire.duration_ms is None else wire.duration_ms)


def _beat(value: int | str | None) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    return value


def error_text(error: object) -> str | None:
    """Return an error field as text: its stack where there is one, else `Type: message`; None for no error."""
    if isinstance(error, dict):
        named = ((error.get(key) for key in keys) for keys in (("type", "name", "exception"), ("message", "msg")))
        kind, message = (next((str(value) for value in values if value), "") for values in named)
        stack = next((str(error[key]) for key in ("stack", "stacktrace", "traceback") if error.get(key)), "")
        return stack or ": ".join(part for part in (kind, message) if part) or "error"
    if isinstance(error, str):
        return error or None
    return "error" if error else None
