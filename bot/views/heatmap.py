"""The performance heatmap: the ten slowest handlers, and how slow each was in each span of time."""

from __future__ import annotations

from typing import Any

from bot.markdown import code, table
from bot.model import HandlerMetrics, TelemetryMetrics, Window
from bot.telemetry import sketch
from bot.telemetry.timestamps import iso
from bot.views import drawing

MOST, SPANS = 10, 12
# How much slower than its own median a handler was in a span, and what that looks like.
HEAT = (
    (1.1, "🟩", "#4ac26b"),
    (1.5, "🟨", "#eac54f"),
    (2.0, "🟧", "#fb8f44"),
    (float("inf"), "🟥", "#cf222e"),
)
NOTHING = ("⬜", "#eaeef2")


def data(metrics: TelemetryMetrics) -> dict[str, Any]:
    """Return the ten handlers with the highest average time, slowest first, with their medians in up to 12 spans."""
    named = sorted(metrics.handlers.items(), key=lambda item: (-item[1].avgTime, item[0]))[:MOST]
    spans = _spans([one for _, one in named])
    return {
        "view": "heatmap",
        "slowest": [name for name, _ in named],
        "spans": [{"start": iso(start), "seconds": end - start} for start, end in spans],
        "rows": [_row(name, one, spans) for name, one in named],
    }


def _spans(handlers: list[HandlerMetrics]) -> list[tuple[float, float]]:
    windows = [window for one in handlers for window in one.windows if window.start]
    if not windows:
        return []
    first = min(window.start for window in windows)
    last = max(window.start + window.seconds for window in windows)
    shortest = min(window.seconds for window in windows) or 1.0
    count = max(1, min(SPANS, round((last - first) / shortest)))
    width = (last - first) / count
    return [(first + width * at, first + width * (at + 1)) for at in range(count)]


def _row(name: str, one: HandlerMetrics, spans: list[tuple[float, float]]) -> dict[str, Any]:
    keep = ("count", "avgTime", "p50", "p95Time", "p99Time", "errorRate", "expected_ms")
    cells = [_cell([w for w in one.windows if start <= w.start < end], one.p50) for start, end in spans]
    return {"handler": name, **one.model_dump(mode="json", include=set(keep)), "cells": cells}


def _cell(windows: list[Window], usual: float) -> dict[str, Any]:
    parts = [each for one in windows for each in (one.buckets, sketch.buckets(one.samples))]
    counts = sketch.merged(parts)
    median = sketch.quantile(counts, 0.5) if counts else None
    ratio = round(median / usual, 3) if median is not None and usual else None
    return {"count": sum(one.count for one in windows), "median": median, "ratio": ratio}


def _heat(cell: dict[str, Any]) -> tuple[str, str]:
    if cell["ratio"] is None:
        return NOTHING
    return next((sign, colour) for limit, sign, colour in HEAT if cell["ratio"] <= limit)


def markdown(found: dict[str, Any]) -> str:
    """Return the heatmap as a table, one square for each span."""
    head = ("Handler", "Runs", "Average", "p95", "Errors", "Over time")
    rows = [
        (
            code(row["handler"], most=80),
            f"{row['count']:,}",
            drawing.milliseconds(row["avgTime"]),
            drawing.milliseconds(row["p95Time"]),
            f"{row['errorRate']:.1%}",
            "".join(_heat(cell)[0] for cell in row["cells"]) or "-",
        )
        for row in found["rows"]
    ]
    if not rows:
        return "No handler was seen."
    scale = "🟩 as usual or faster, 🟨 up to 1.5 times its own median, 🟧 up to twice, 🟥 more, ⬜ not seen."
    return f"The slowest handlers, slowest first:\n\n{table(head, rows)}\n\n{scale}{_span_words(found)}"


def _span_words(found: dict[str, Any]) -> str:
    spans = found["spans"]
    return f" From {spans[0]['start']}, {spans[0]['seconds']:,.0f} s a square." if spans else ""


def svg(found: dict[str, Any]) -> str:
    """Return the heatmap as SVG."""
    left, cell, high = 360, 34, 24
    parts = []
    for at, row in enumerate(found["rows"]):
        y = 40 + at * high
        parts.append(drawing.text(8, y + 16, drawing.shown(row["handler"], most=34)))
        parts.append(drawing.text(left - 8, y + 16, drawing.milliseconds(row["avgTime"]), anchor="end"))
        for number, one in enumerate(row["cells"]):
            said = f"{one['count']} runs" + (f", median {drawing.milliseconds(one['median'])}" if one["median"] else "")
            parts.append(drawing.rect(left + number * cell, y, (cell - 2, high - 2), _heat(one)[1], said))
    width = left + cell * max(1, len(found["spans"])) + 8
    title = "The slowest handlers" if found["rows"] else "No handler was seen"
    return drawing.document(width, 48 + high * len(found["rows"]), title, [drawing.text(8, 24, title), *parts])
