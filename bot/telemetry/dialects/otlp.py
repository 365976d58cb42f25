"""OpenTelemetry traces in files, as the collector and OTLP/JSON exporters write them: one request a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bot.errors import Misconfigured
from bot.model import TelemetryEvent
from bot.telemetry import otlp
from bot.telemetry.lines import lines
from bot.telemetry.wire import Loose, event_of

SPANS = 200_000  # of one file held at once: a root may come after its children


def likeness(head: bytes) -> float:
    """Return 1.0 for a file that begins with an export of spans, else 0.0."""
    return float(head.lstrip().startswith(b"{") and b'"resourceSpans"' in head[:2000])


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield the beat events of the file's traces; of more than 200,000 spans at once the traces are taken in parts."""
    held: list[otlp.Span] = []
    for line in lines(path, dropped):
        try:
            held += otlp.traces(line, "application/json")
        except Misconfigured:
            dropped["not an event"] += 1
        if len(held) > SPANS:
            yield from _events(held)
            held = []
    yield from _events(held)


def _events(spans: list[otlp.Span]) -> Iterator[TelemetryEvent]:
    for found in otlp.events(spans):
        yield event_of(msgspec.convert(found, Loose))
