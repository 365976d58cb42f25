"""The four views that people look at, as Markdown, SVG and JSON: heatmap, flow, coverage, timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from bot.model import Anomaly, Sequence, TelemetryMetrics
from bot.views import coverage, flow, heatmap, timeline
from bot.views.coverage import Tested

Data = dict[str, Any]
Name = Literal["heatmap", "flow", "coverage", "timeline"]
NAMES: tuple[Name, ...] = ("heatmap", "flow", "coverage", "timeline")
FORMATS = ("md", "svg", "json")
OF_TYPE: dict[str, Name] = {"performance": "heatmap", "behavioral": "flow", "coverage": "coverage", "state": "timeline"}


class Seen(NamedTuple):
    """What a view is made of: the metrics, the declared sequences, and which handlers the tests reach."""

    metrics: TelemetryMetrics
    declared: tuple[Sequence, ...] = ()
    tested: Mapping[str, Tested] = {}


class View(NamedTuple):
    """One view: its content as JSON values, and how that is drawn."""

    data: Callable[[Seen], Data]
    markdown: Callable[[Data], str]
    svg: Callable[[Data], str]


VIEWS: dict[Name, View] = {
    "heatmap": View(lambda seen: heatmap.data(seen.metrics), heatmap.markdown, heatmap.svg),
    "flow": View(lambda seen: flow.data(seen.metrics, seen.declared), flow.markdown, flow.svg),
    "coverage": View(lambda seen: coverage.data(seen.metrics, seen.tested), coverage.markdown, coverage.svg),
    "timeline": View(lambda seen: timeline.data(seen.metrics), timeline.markdown, timeline.svg),
}


def of_anomaly(anomaly: Anomaly | None, metrics: TelemetryMetrics, others: Iterable[Anomaly] = ()) -> str:
    """Return the view that belongs to an anomaly's type as Markdown, empty where none does or nothing was recorded.

    `others` are the anomalies of the same run, of which a coverage report names all gaps.
    """
    name = OF_TYPE.get(anomaly.type) if anomaly else None
    if anomaly is None or name is None:
        return ""
    if name == "flow":
        found = flow.of_anomaly(anomaly)
    elif name == "coverage":
        gaps = [one for one in others if one.type == "coverage"] or [anomaly]
        found = coverage.data(metrics, {one.handler: _gap(one) for one in gaps if one.handler}, only_known=True)
        if not found["rows"]:  # a report of coverage alone: what is used was told before
            rows = [_row(one) for one in gaps if one.metrics.get("count")]
            found = {**found, "rows": rows, "tested_share": max(0.0, 1 - sum(row["share"] for row in rows))}
    else:
        found = VIEWS[name].data(Seen(metrics))
    return VIEWS[name].markdown(found) if found.get("rows") or found.get("sequences") else ""


def _row(anomaly: Anomaly) -> dict[str, Any]:
    share = float(anomaly.metrics.get("share", 0.0))
    return {
        "handler": anomaly.handler or "",
        "count": anomaly.metrics["count"],
        "share": share,
        **_gap(anomaly)._asdict(),
    }


def _gap(anomaly: Anomaly) -> Tested:
    about = anomaly.metrics
    return Tested(False, str(about.get("file", "")), int(about.get("line") or 0), bool(about.get("measured")))
