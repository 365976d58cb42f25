"""One beat event as it stands on a line of JSON, decoded by type: what is not named here is skipped or kept apart."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bot.model import TelemetryEvent
from bot.telemetry.durations import milliseconds

Error = str | dict[str, object] | bool | None
Context = dict[str, object] | None


class Wire(msgspec.Struct, gc=False):
    """The fields of an event, with their aliases, as nearly all writers write them."""

    timestamp: str = ""
    event: str = ""
    sequence: str = ""
    execution: str = ""
    handler: str = ""
    duration_ms: Annotated[float, msgspec.Meta(ge=0)] | None = None
    error: Error = None
    context: Context = None
    beat: int | None = None
    sequenceId: str = ""
    executionId: str = ""
    duration: float | str | None = None


class Loose(msgspec.Struct):
    """The same fields with every type that is understood; any other makes the line bad, not the run."""

    timestamp: str | int | float = ""
    event: str = ""
    sequence: str | None = None
    execution: str | int | None = None
    handler: str | None = None
    duration_ms: float | str | None = None
    error: Error = None
    context: Context = None
    beat: int | str | None = None
    sequenceId: str | None = None
    executionId: str | int | None = None
    duration: float | str | None = None


KNOWN = frozenset(Loose.__struct_fields__)


def event_of(wire: Wire | Loose, extra: dict[str, object] | None = None) -> TelemetryEvent:
    """Return the event of a decoded line; `extra` (unknown fields) joins its context."""
    execution = wire.executionId if wire.execution is None or wire.execution == "" else wire.execution
    duration = wire.duration if wire.duration_ms is None else wire.duration_ms
    return TelemetryEvent(
        str(wire.timestamp),
        wire.event,
        wire.handler or "",
        wire.sequence or wire.sequenceId or "",
        "" if execution is None else str(execution),
        _beat(wire.beat),
        None if duration is None else milliseconds(duration),
        None if wire.error is None else error_text(wire.error),
        {**extra, **(wire.context or {})} if extra else wire.context,
    )


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
