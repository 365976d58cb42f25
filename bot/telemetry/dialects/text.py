"""Text lines: `handler=pay duration=12.9ms`, logfmt, and Python's logging with its tracebacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import re2

from bot.model import TelemetryEvent
from bot.telemetry.dialects._records import (
    BAD_JSON,
    HANDLERS,
    LEVELS,
    LOGGERS,
    TIMES,
    event_of_object,
    event_of_record,
)
from bot.telemetry.lines import chunks
from bot.telemetry.normal import COMPLETED, ERROR, STARTED, kind
from bot.telemetry.times import zoned
from bot.telemetry.wire import error_text

LONGEST = 500  # lines of one traceback kept
_UNIT = r"[nuµμm]?s|m?sec|secs|seconds?|millis|mins?|minutes?|hours?|h"
_VALUE = rf'[0-9]+(?:\.[0-9]+)? (?:{_UNIT})\b|"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s,;|\])}}]+'
_FIELD = re2.compile(rf"(?:^|[\s,;|\[({{])([A-Za-z_@][A-Za-z0-9_.\-]*)\s?=\s?({_VALUE})")
_COLON = re2.compile(rf"(?:^|[\s,;|\[({{])([A-Za-z_@][A-Za-z0-9_.\-]*)\s?:\s?({_VALUE})")
_TIME = (
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
    r"|[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}|[0-9]{10}(?:\.[0-9]+)?|[0-9]{13}"
)
_START = re2.compile(rf"^\W{{0,2}}({_TIME})\b")
_LEVEL = r"DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|EXCEPTION"
_NAMED_LEVEL = re2.compile(rf"(?:^|[\s\[(|:-])({_LEVEL})(?:$|[\s\])|:-])")
_LOGGER = re2.compile(
    rf"(?:^|[\s\[(|:-])(?:(?:{_LEVEL})[\s\])|:-]+([A-Za-z_][\w.]*)\s*[\]):|-]|([A-Za-z_][\w.]*)[\s\]|:-]+(?:{_LEVEL})\b)"
)
_SAID = re2.compile(rf"(?:{_LEVEL})[\s\])|:-]+(?:[A-Za-z_][\w.]*\s*[\]):|-]+\s*)?(.*)$")
_RECORD = re2.compile(
    rf"(?m)^[^\n]*\bhandler\s?[=:][^\n]*$|^\W{{0,2}}(?:{_TIME})[^\n]{{0,60}}\b(?:{_LEVEL})\b".encode()
)
_USUAL = re2.compile(
    rb"(?m)^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?Z? "
    rb"(?:(?:DEBUG|INFO|NOTICE|WARN|WARNING) )?(?:[A-Za-z_][A-Za-z0-9_.]*:? )?handler=[A-Za-z0-9_.:/<>\-]+"
    rb"(?: sequence=[A-Za-z0-9_.:\-]+)?(?: execution=[A-Za-z0-9_.:\-]+)?"
    rb" duration=[0-9]{1,15}(?:\.[0-9]{1,15})?(?:ns|us|ms|s)\r?$"
)
_ASSIGNED = re2.compile(r"^[A-Za-z_@][A-Za-z0-9_.\-]*=")
_SCALE = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}
_DURATION_LAST = "time"  # `time=12ms` is a duration where the line has another time


def likeness(head: bytes) -> float:
    """Return the share of the lines that name a handler, or begin with a time and a level: never as sure as JSON."""
    count = max(1, sum(not line.startswith((b" ", b"\t", b"Traceback")) for line in head.split(b"\n")))
    return 0.9 * min(1.0, sum(1 for _ in _RECORD.finditer(head)) / count)


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield an event for each record that names a handler or tells of an error; a traceback belongs to its record.

    Records of the usual form are found by one expression over many lines; the lines between are looked at one by one.
    """
    records = _Records(dropped)
    for chunk in chunks(path, dropped):
        end = 0
        for found in _USUAL.finditer(chunk):
            start, stop = found.span()
            if start > end:
                yield from records.other(chunk[end:start])
            end = stop + 1
            yield from records.begin(_usual(chunk[start:stop].decode()))
        if end < len(chunk):
            yield from records.other(chunk[end:])
    yield from records.begin(None)


class _Records:
    """The record that is being read: more lines of it may come."""

    def __init__(self, dropped: Counter[str]) -> None:
        self._dropped = dropped
        self._held: TelemetryEvent | None = None
        self._stack: list[str] = []

    def begin(self, event: TelemetryEvent | None) -> Iterator[TelemetryEvent]:
        """Begin another record, and yield the one before."""
        if self._held is not None:
            yield _with_stack(self._held, self._stack) if self._stack else self._held
        self._held = event
        if self._stack:
            self._stack = []

    def other(self, piece: bytes) -> Iterator[TelemetryEvent]:
        """Read lines of any form."""
        for line in piece.split(b"\n"):
            if line and not line.isspace():
                event = _object(line) if line[:1] == b"{" else None
                yield from self.begin(event) if event else self._line(line.rstrip(b"\r").decode("utf-8", "replace"))

    def _line(self, text: str) -> Iterator[TelemetryEvent]:
        fields = _fields(text)
        if _begins(text, fields):
            event = _event(text, fields)
            yield from self.begin(event)
            if event is None:
                self._dropped["no handler"] += 1
        elif self._held is None:
            self._dropped["no handler"] += 1
        elif len(self._stack) < LONGEST:
            self._stack.append(text)


def _usual(line: str) -> TelemetryEvent:
    """Return the event of a line of the usual form; taking it apart by hand is quicker than by groups."""
    start, _, said = line.partition("handler=")
    handler, *named, duration = said.split()
    sequence = execution = ""
    for field in named:
        name, _, value = field.partition("=")
        if name == "sequence":
            sequence = value
        else:
            execution = value
    took = duration[len("duration=") :]
    number = took.rstrip("nums")
    scaled = float(number) * _SCALE[took[len(number) :]]
    clock = start[11:].partition(" ")[0].rstrip("Z").replace(",", ".")
    time = f"{start[:10]}T{clock}Z"  # a time without a zone counts as UTC
    return TelemetryEvent(time, COMPLETED, handler, sequence, execution, None, scaled)


def _object(line: bytes) -> TelemetryEvent | None:
    """Return the event of a JSON object among the lines of text, None when it is none."""
    try:
        return event_of_object(line)
    except BAD_JSON:
        return None


def _begins(text: str, fields: dict[str, object]) -> bool:
    """Say whether a line begins a record: with a time, or with fields that only records have."""
    return bool(_START.search(text)) or any(name in fields for name in (*HANDLERS, *LEVELS, "ts"))


def _fields(text: str) -> dict[str, object]:
    """Return the fields of a line by their names; in `worker: handler=pay` the handler is one, the worker is none."""
    text = text[:20_000]
    found = {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(text)}
    if ":" not in text:
        return found
    colons = {key.lower(): value.strip("\"'") for key, value in _COLON.findall(text) if not _named(value)}
    return {**colons, **found}


def _named(value: str) -> bool:
    return value[:1].isalpha() and _ASSIGNED.search(value) is not None


def _with_stack(event: TelemetryEvent, stack: list[str]) -> TelemetryEvent:
    traceback = next((n for n, line in enumerate(stack) if line.lstrip().startswith("Traceback (most recent")), None)
    if traceback is None:
        return event
    return TelemetryEvent(
        event.timestamp, ERROR, event.handler, event.sequence, event.execution, event.beat, event.duration_ms,
        "\n".join(stack[traceback:]), event.context,
    )  # fmt: skip


def _event(text: str, fields: dict[str, object]) -> TelemetryEvent | None:
    start = _START.search(text)
    if start and not any(str(fields.get(name, ""))[:4].isdigit() for name in TIMES):
        if _DURATION_LAST in fields:
            fields.setdefault("took", fields[_DURATION_LAST])
        time = start.group(1)
        fields["timestamp"] = zoned(time.removesuffix("Z")) if time[4:5] == "-" else time
    level, logger, said = _NAMED_LEVEL.search(text), _LOGGER.search(text), _SAID.search(text)
    if level and not any(name in fields for name in LEVELS):
        fields["level"] = level.group(1)
    if logger and not any(name in fields for name in LOGGERS):
        fields["logger"] = logger.group(1) or logger.group(2)
    if said:
        fields.setdefault("message", said.group(1))
    kinds = {STARTED, COMPLETED, ERROR}
    named = kind(str(fields.get("event", "")))
    return event_of_record(fields, named if named in kinds else "", error_text(fields.get("error") or ""))
