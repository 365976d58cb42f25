"""The execution timeline: a usual execution of each sequence, beat after beat, with the time each takes."""

from __future__ import annotations

from typing import Any

from bot.markdown import code, table
from bot.model import HandlerMetrics, TelemetryMetrics
from bot.views import drawing

SHOWN, STEPS = 8, 40  # sequences drawn, beats of one
OTHERS = "handlers of no sequence"
FINE, SLOW, FAILS = "#54aeff", "#fb8f44", "#cf222e"


def data(metrics: TelemetryMetrics) -> dict[str, Any]:
    """Return, for each sequence, the beats of its most frequent order with start and end in milliseconds.

    A beat takes its handler's median, its `late` end the 95th percentile; handlers of no sequence follow as one more.
    """
    sequences = [
        _one(name, one.beats, metrics, one.count)
        for name, one in sorted(metrics.sequences.items(), key=lambda item: (-item[1].count, item[0]))
        if one.beats
    ]
    inside = {name for one in metrics.sequences.values() for name in one.beats}
    rest = tuple(name for name, one in metrics.handlers.items() if name not in inside and not one.test)
    others = [_one(OTHERS, rest, metrics, 0)] if rest else []
    return {"view": "timeline", "sequences": [one for one in (*sequences, *others) if one["beats"]]}


def _one(name: str, beats: tuple[str, ...], metrics: TelemetryMetrics, count: int) -> dict[str, Any]:
    rows, at = [], 0.0
    for beat in beats:
        found = metrics.handlers.get(beat)
        if found is not None:
            rows.append(_beat(beat, found, at))
            at = rows[-1]["end"]
    return {"id": name, "count": count, "total_ms": at, "beats": rows}


def _beat(name: str, found: HandlerMetrics, at: float) -> dict[str, Any]:
    return {
        "handler": name,
        "start": at,
        "end": at + found.p50,
        "late": at + found.p95Time,
        "errorRate": found.errorRate,
        "count": found.count,
        "expected_ms": found.expected_ms,
    }


def markdown(found: dict[str, Any]) -> str:
    """Return a Gantt chart for each of the first eight sequences, and the times as a table."""
    if not found["sequences"]:
        return "No execution was seen."
    return "\n\n".join(_section(one) for one in found["sequences"][:SHOWN])


def _section(one: dict[str, Any]) -> str:
    beats = one["beats"][:STEPS]
    lines = [f"  {drawing.label(beat['handler'])} :{_tag(beat)}{_bar(beat, one)}" for beat in beats]
    chart = ["```mermaid", "gantt", "  dateFormat x", "  axisFormat %S.%L", "  section beats", *lines, "```"]
    took = drawing.milliseconds
    rows = [
        (code(beat["handler"], most=80), took(beat["start"]), took(beat["end"] - beat["start"]), _late(beat))
        for beat in beats
    ]
    times = f"{one['count']:,} executions, " if one["count"] else ""
    head = f"{code(one['id'], most=80)}: {times}{took(one['total_ms'])} in the usual course"
    return "\n\n".join([head, "\n".join(chart), table(("Beat", "Starts at", "Takes", "p95"), rows)])


def _tag(beat: dict[str, Any]) -> str:
    return "crit, " if beat["errorRate"] else ""


def _bar(beat: dict[str, Any], one: dict[str, Any]) -> str:
    """Return start and end as whole numbers; a sequence of less than a second is stretched, so that it shows."""
    scale = 1.0 if one["total_ms"] >= 1000 else 1000.0 / (one["total_ms"] or 1.0)
    start = round(beat["start"] * scale)
    return f"{start}, {max(start + 1, round(beat['end'] * scale))}"


def _late(beat: dict[str, Any]) -> str:
    return drawing.milliseconds(beat["late"] - beat["start"])


def svg(found: dict[str, Any]) -> str:
    """Return the timelines as bars; a thin line ends where the 95th percentile does."""
    parts, y = [], 24.0
    for one in found["sequences"][:SHOWN]:
        head = f"{drawing.shown(one['id'])}: {drawing.milliseconds(one['total_ms'])}"
        parts.append(drawing.text(8, y, head))
        beats = one["beats"][:STEPS]
        scale = 560 / (max((beat["late"] for beat in beats), default=1.0) or 1.0)
        for beat in beats:
            y += 26
            parts += _drawn(beat, y, scale)
        y += 36
    title = "A usual execution" if found["sequences"] else "No execution was seen"
    return drawing.document(960, y, title, parts or [drawing.text(8, 20, title)])


def _drawn(beat: dict[str, Any], y: float, scale: float) -> list[str]:
    x, wide = 300 + beat["start"] * scale, max(2.0, (beat["end"] - beat["start"]) * scale)
    over = beat["expected_ms"] is not None and beat["end"] - beat["start"] > beat["expected_ms"]
    colour = FAILS if beat["errorRate"] else SLOW if over else FINE
    said = f"{drawing.milliseconds(beat['end'] - beat['start'])}, p95 {_late(beat)}"
    return [
        drawing.text(8, y + 4, drawing.shown(beat["handler"], most=38)),
        drawing.rect(x, y - 1, (max(2.0, (beat["late"] - beat["start"]) * scale), 3), drawing.LINE),
        drawing.rect(x, y - 9, (wide, 18), colour, said),
    ]
