"""Beat events as JSON lines, the form in which this project's own sequences report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import re2

from bot.model import TelemetryEvent
from bot.telemetry.lines import chunks, lines
from bot.telemetry.normal import COMPLETED, ERROR, STARTED, kind
from bot.telemetry.wire import KNOWN, Loose, Wire, event_of

NAME = "beats"  # the one dialect that is decoded by type, in batches and in pieces
_NAMED = (b'"event"', b'"handler"', b'"timestamp"')
_EVENT = re2.compile(rb'"event"\s*:\s*"([^"]{0,40})"')
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_wire = msgspec.json.Decoder(Wire)
_loose = msgspec.json.Decoder(Loose)
_any = msgspec.json.Decoder(dict[str, object])


def likeness(head: bytes) -> float:
    """Return the share of the lines that are objects with an event's fields; half of it where no event is a beat's."""
    whole = [line for line in head.split(b"\n") if line.strip()]
    alike = sum(line.lstrip()[:1] == b"{" and sum(name in line for name in _NAMED) >= 2 for line in whole)
    kinds = {kind(found.decode("utf-8", "replace")) for found in _EVENT.findall(head)}
    sure = 1.0 if kinds & {STARTED, COMPLETED, ERROR} else 0.5
    return sure * alike / len(whole) if whole else 0.0


def batches(path: Path, dropped: Counter[str]) -> Iterator[Sequence[Wire | TelemetryEvent]]:
    """Yield the events of the file in its order and in batches, decoded by type; unknown fields are left out."""
    for chunk in chunks(path, dropped):
        yield decoded(chunk, dropped)


def decoded(chunk: bytes, dropped: Counter[str]) -> Sequence[Wire | TelemetryEvent]:
    """Return the events of whole lines; lines that are none are counted in `dropped`."""
    try:
        return _wire.decode_lines(chunk)
    except _BAD:
        return [event for line in chunk.split(b"\n") for event in _one(line, dropped)]


def _one(line: bytes, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    if line and not line.isspace():
        try:
            yield event_of(_loose.decode(line))
        except _BAD:
            dropped["not an event"] += 1


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield the events of the file in its order, unknown fields in their context; bad lines are counted."""
    for line in lines(path, dropped):
        try:
            found = _loose.decode(line)
            extra = {key: value for key, value in _any.decode(line).items() if key not in KNOWN}
        except _BAD:
            dropped["not an event"] += 1
            continue
        yield event_of(found, extra)
