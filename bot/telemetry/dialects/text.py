"""Text lines: `handler=pay duration=12.9ms`, logfmt, and Python's logging with its tracebacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import re2

from bot.model import TelemetryEvent
from bot.telemetry.dialects._records import HANDLERS, LEVELS, LOGGERS, TIMES, event_of_record
from bot.telemetry.lines import lines
from bot.telemetry.normal import COMPLETED, ERROR, STARTED, kind
from bot.telemetry.wire import error_text

LONGEST = 500  # lines of one traceback kept
_FIELD = re2.compile(
    r'(?:^|[\s,;|\[({])([A-Za-z_@][A-Za-z0-9_.\-]*)\s?[=:]\s?("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s,;|\])}]+)'
)
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
_DURATION_LAST = "time"  # `time=12ms` is a duration where the line has another time


def likeness(head: bytes) -> float:
    """Return the share of the lines that name a handler, or begin with a time and a level: never as sure as JSON."""
    count = max(1, sum(not line.startswith((b" ", b"\t", b"Traceback")) for line in head.split(b"\n")))
    return 0.9 * min(1.0, sum(1 for _ in _RECORD.finditer(head)) / count)


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield an event for each record that names a handler or tells of an error; a traceback belongs to its record."""
    held: TelemetryEvent | None = None
    stack: list[str] = []
    for line in lines(path, dropped):
        text = line.decode("utf-8", "replace")
        fields = _fields(text)
        if not _begins(text, fields):
            if held is not None and len(stack) < LONGEST:
                stack.append(text)
            elif held is None:
                dropped["no handler"] += 1
            continue
        if held is not None:
            yield _with_stack(held, stack)
        held, stack = _event(text, fields), []
        if held is None:
            dropped["no handler"] += 1
    if held is not None:
        yield _with_stack(held, stack)


def _begins(text: str, fields: dict[str, object]) -> bool:
    """Say whether a line begins a record: with a time, or with fields that only records have."""
    return bool(_START.search(text)) or any(name in fields for name in (*HANDLERS, *LEVELS, "ts"))


def _fields(text: str) -> dict[str, object]:
    return {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(text[:20_000])}


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
        fields["timestamp"] = start.group(1)
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
