"""OpenTelemetry traces and logs in files, as the collector and OTLP/JSON exporters write them: one request a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.errors import Misconfigured
from bot.model import TelemetryEvent
from bot.telemetry import otlp
from bot.telemetry.lines import lines

JSON, LOGS = "application/json", b'"resourceLogs"'
SPANS = 200_000  # of one file held at once: a root may come after its children


def likeness(head: bytes) -> float:
    """Return 1.0 for a file that begins with an export of spans or log records, else 0.0."""
    start = head[:2000]
    return float(head.lstrip().startswith(b"{") and (b'"resourceSpans"' in start or LOGS in start))


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield the beat events of the file's traces and the errors of its log records.

    Of more than 200,000 spans at once the traces are taken in parts.
    """
    held: list[otlp.Span] = []
    for line in lines(path, dropped):
        try:
            if LOGS in line[:2000]:
                yield from list(otlp.log_events(line, JSON))
            else:
                held += otlp.traces(line, JSON)
        except Misconfigured:
            dropped["not an event"] += 1
        if len(held) > SPANS:
            yield from otlp.events(held)
            held = []
    yield from otlp.events(held)
