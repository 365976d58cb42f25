"""JSON records of loggers, one a line: structlog, python-json-logger, and what other languages write alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bot.model import TelemetryEvent
from bot.telemetry.dialects._records import ERRORS, LEVELS, TIMES, event_of_record, first
from bot.telemetry.lines import lines
from bot.telemetry.normal import kind
from bot.telemetry.wire import error_text

_decoder = msgspec.json.Decoder(dict[str, object])
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def likeness(head: bytes) -> float:
    """Return the share of the lines that are objects with a time and a level, or with a handler."""
    whole = [line for line in head.split(b"\n") if line.strip()]
    return 0.95 * sum(map(_alike, whole)) / len(whole) if whole else 0.0


def _alike(line: bytes) -> bool:
    try:
        fields = _decoder.decode(line)
    except _BAD:
        return False
    known = {key.lower() for key in fields}
    return bool(known & set(TIMES)) and bool(known & {*LEVELS, "handler"})


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield an event for each record that names a handler or tells of an error."""
    for line in lines(path, dropped):
        try:
            fields = {key.lower(): value for key, value in _decoder.decode(line).items()}
        except _BAD:
            dropped["not an event"] += 1
            continue
        context = fields.get("context")
        found = event_of_record(fields, kind(str(fields.get("event") or "")), _error(fields))
        if found is None:
            dropped["no handler"] += 1
        elif isinstance(context, dict):
            yield msgspec.structs.replace(found, context=context)
        else:
            yield found


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
