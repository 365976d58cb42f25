"""JSON records of loggers, one a line: structlog, python-json-logger, and what other languages write alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.model import TelemetryEvent
from bot.telemetry.dialects._records import BAD_JSON, LEVELS, TIMES, event_of_object, fields_of
from bot.telemetry.lines import lines


def likeness(head: bytes) -> float:
    """Return the share of the lines that are objects with a time and a level, or with a handler."""
    whole = [line for line in head.split(b"\n") if line.strip()]
    return 0.95 * sum(map(_alike, whole)) / len(whole) if whole else 0.0


def _alike(line: bytes) -> bool:
    try:
        known = set(fields_of(line))
    except BAD_JSON:
        return False
    return bool(known & set(TIMES)) and bool(known & {*LEVELS, "handler"})


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield an event for each record that names a handler or tells of an error."""
    for line in lines(path, dropped):
        try:
            found = event_of_object(line)
        except BAD_JSON:
            dropped["not an event"] += 1
            continue
        if found is None:
            dropped["no handler"] += 1
        else:
            yield found
