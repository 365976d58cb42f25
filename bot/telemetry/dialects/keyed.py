"""Text lines with `key=value` or `key: value` fields, logfmt among them: `handler=pay duration=12.9ms`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import re2

from bot.model import TelemetryEvent
from bot.telemetry.durations import milliseconds
from bot.telemetry.lines import lines
from bot.telemetry.wire import error_text

_FIELD = re2.compile(
    r'(?:^|[\s,;\[({])([A-Za-z_][A-Za-z0-9_.\-]*)\s?[=:]\s?("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s,;\])}]+)'
)
_TIME = re2.compile(
    r"^\W{0,2}([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9:]{8}(?:[.,][0-9]+)?(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
    r"|[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}|[0-9]{10}(?:\.[0-9]+)?|[0-9]{13})\b"
)
_LEVEL = re2.compile(r"(?i)\b(?:level=)?(error|critical|fatal|exception)\b")
_HANDLER = ("handler", "function", "func", "operation", "op", "task", "endpoint")
_DURATION = {
    "duration_ms": "ms", "elapsed_ms": "ms", "latency_ms": "ms", "took_ms": "ms", "duration_s": "s", "elapsed_s": "s",
    "duration_us": "us", "duration_ns": "ns", "duration": "", "elapsed": "", "latency": "", "took": "", "time": "",
}  # fmt: skip
_TIMES = ("timestamp", "time", "ts", "at", "@timestamp")
_HAS = re2.compile(rb"(?m)^.*\bhandler\s?[=:].*$")


def likeness(head: bytes) -> float:
    """Return the share of the lines that name a handler, a little less than JSON would get."""
    count = head.count(b"\n") + 1
    return 0.9 * min(1.0, sum(1 for _ in _HAS.finditer(head)) / count)


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield an event for each line that names a handler; the lines of a traceback join the event before them."""
    held: TelemetryEvent | None = None
    stack: list[str] = []
    for line in lines(path, dropped):
        text = line.decode("utf-8", "replace")
        found = _event(text)
        if found is None:
            if held is not None and _continues(text, stack):
                stack.append(text)
            else:
                dropped["no handler"] += 1
            continue
        if held is not None:
            yield _with_stack(held, stack)
        held, stack = found, []
    if held is not None:
        yield _with_stack(held, stack)


def _continues(text: str, stack: list[str]) -> bool:
    return text.startswith(("Traceback (most recent", " ", "\t")) or (bool(stack) and len(stack) < 500)


def _with_stack(event: TelemetryEvent, stack: list[str]) -> TelemetryEvent:
    if not any(line.startswith("Traceback") for line in stack):
        return event
    return TelemetryEvent(
        event.timestamp, "error", event.handler, event.sequence, event.execution, event.beat, event.duration_ms,
        "\n".join(stack), event.context,
    )  # fmt: skip


def _event(text: str) -> TelemetryEvent | None:
    fields = {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(text)}
    handler = next((fields[key] for key in _HANDLER if fields.get(key)), "")
    if not handler:
        return None
    duration, error = _duration(fields), error_text(fields.get("error") or fields.get("exception") or "")
    beat = fields.get("beat", "")
    return TelemetryEvent(
        timestamp=_time(text, fields),
        event=fields.get("event") or _kind(text, duration, error),
        handler=handler,
        sequence=fields.get("sequence") or fields.get("sequenceid") or "",
        execution=fields.get("execution") or fields.get("executionid") or "",
        beat=int(beat) if beat.isascii() and beat.isdigit() and len(beat) < 10 else None,
        duration_ms=duration,
        error=error,
    )


def _kind(text: str, duration: float | None, error: str | None) -> str:
    if error or (duration is None and _LEVEL.search(text)):
        return "error"
    return "beat-completed" if duration is not None else "log"


def _duration(fields: Mapping[str, str]) -> float | None:
    return next((milliseconds(fields[key], unit) for key, unit in _DURATION.items() if key in fields), None)


def _time(text: str, fields: Mapping[str, str]) -> str:
    named = next((fields[key] for key in _TIMES if key in fields and fields[key][:1].isdigit()), "")
    found = _TIME.search(text)
    return named or (found.group(1) if found else "")
