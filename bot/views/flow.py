"""The flow validator: the declared order of each sequence beside the orders that were seen."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from bot.markdown import code, table
from bot.model import Anomaly, Sequence, SequenceMetrics, TelemetryMetrics
from bot.views import drawing

ORDERS, STEPS, SHOWN = 6, 40, 8  # of one sequence; beats of an order; sequences
GOOD, WRONG, NEUTRAL = "#4ac26b", "#cf222e", "#8c959f"


def data(metrics: TelemetryMetrics, declared: tuple[Sequence, ...] = ()) -> dict[str, Any]:
    """Return each sequence with its declared order (empty where none is) and its most frequent orders."""
    wanted = {one.id: [beat.handler for beat in one.beats] for one in declared}
    names = sorted(metrics.sequences, key=lambda name: (-metrics.sequences[name].violations, name))
    return {"view": "flow", "sequences": [_one(name, metrics.sequences[name], wanted.get(name, [])) for name in names]}


def _one(name: str, found: SequenceMetrics, declared: list[str]) -> dict[str, Any]:
    failed = [(one.observed, 1) for one in found.examples if one.observed not in dict(found.orders)]
    return {
        "id": name,
        "count": found.count,
        "violations": found.violations,
        "declared": declared,
        "orders": [_order(beats, count, declared) for beats, count in (*found.orders, *failed)[:ORDERS]],
        "examples": [one.model_dump(mode="json") for one in found.examples],
    }


def _order(beats: tuple[str, ...], count: int, declared: list[str]) -> dict[str, Any]:
    """Return one order; `diverges` is the place from which on it differs from the declared one, None where not."""
    return {"beats": list(beats), "count": count, "diverges": _divergence(list(beats), declared)}


def _divergence(beats: list[str], declared: list[str]) -> int | None:
    if not declared or beats == declared:
        return None
    same = (at for at, (one, other) in enumerate(zip(beats, declared, strict=False)) if one != other)
    return next(same, min(len(beats), len(declared)))


def of_anomaly(anomaly: Anomaly) -> dict[str, Any]:
    """Return the flow of one anomaly of order: what was wanted and what was seen."""
    wanted, seen = anomaly.metrics.get("expected"), anomaly.metrics.get("observed")
    if not isinstance(wanted, list) or not isinstance(seen, list):
        return {"view": "flow", "sequences": []}
    count = int(anomaly.metrics.get("count") or 1)
    beats = tuple(str(one) for one in seen)
    declared = [str(one) for one in wanted]
    one = {"id": anomaly.sequence or "", "count": count, "violations": count, "declared": declared, "examples": []}
    return {"view": "flow", "sequences": [{**one, "orders": [_order(beats, count, declared)]}]}


def markdown(found: dict[str, Any]) -> str:
    """Return a table of all sequences, and a diagram of each of the first eight."""
    if not found["sequences"]:
        return "No sequence was seen."
    head = ("Sequence", "Executions", "In another order", "Orders seen")
    rows = [
        (code(one["id"], most=80), f"{one['count']:,}", _violations(one), str(len(one["orders"])))
        for one in found["sequences"]
    ]
    parts = [f"{code(one['id'], most=80)}\n\n{_mermaid(one)}" for one in found["sequences"][:SHOWN]]
    return "\n\n".join([table(head, rows), *parts])


def _violations(one: dict[str, Any]) -> str:
    return f"{one['violations']:,}" if one["declared"] else "not declared"


def _mermaid(one: dict[str, Any]) -> str:
    """Return the orders as one graph: what is declared, what was taken (with counts), what departs in red."""
    taken: dict[tuple[str, str], int] = {}
    for order in one["orders"]:
        for pair in pairwise(order["beats"][:STEPS]):
            taken[pair] = taken.get(pair, 0) + order["count"]
    wanted = set(pairwise(one["declared"][:STEPS]))
    names = dict.fromkeys([*one["declared"][:STEPS], *(name for pair in taken for name in pair)])
    names.update(dict.fromkeys(name for order in one["orders"] for name in order["beats"][:STEPS]))
    ids = {name: f"b{number}" for number, name in enumerate(names, 1)}
    lines = [f'  {ids[name]}["{drawing.label(name)}"]' for name in names]
    edges = [*((pair, taken.get(pair, 0)) for pair in sorted(wanted, key=str)), *_others(taken, wanted)]
    for (first, second), count in edges:
        arrow = f"-- {count:,} -->" if count else "-. declared .->"
        lines.append(f"  {ids[first]} {arrow} {ids[second]}")
    red = [str(at) for at, (pair, _) in enumerate(edges) if one["declared"] and pair not in wanted]
    style = [f"  linkStyle {','.join(red)} stroke:{WRONG},stroke-width:2px"] if red else []
    return "\n".join(["```mermaid", "flowchart LR", *lines, *style, "```"])


def _others(taken: dict[tuple[str, str], int], wanted: set[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return [(pair, count) for pair, count in taken.items() if pair not in wanted]


def svg(found: dict[str, Any]) -> str:
    """Return each sequence as rows of boxes: the declared order first, then each order seen, red where it departs."""
    parts, y, widest = [], 24.0, 1
    for one in found["sequences"][:SHOWN]:
        title = f"{drawing.shown(one['id'])}: {one['count']:,} executions, {_violations(one)} in another order"
        parts.append(drawing.text(8, y, title))
        rows = [("declared", one["declared"], None)] if one["declared"] else []
        rows += [(f"{order['count']:,} times", order["beats"], order["diverges"]) for order in one["orders"]]
        for about, beats, diverges in rows:
            y += 32
            parts.append(drawing.text(8, y, about))
            parts += [_box(at, y, name, _colour(at, diverges, about)) for at, name in enumerate(beats[:STEPS])]
            widest = max(widest, min(len(beats), STEPS))
        y += 40
    title = "Sequences" if found["sequences"] else "No sequence was seen"
    return drawing.document(120 + widest * 150, y, title, parts or [drawing.text(8, 20, title)])


def _colour(at: int, diverges: int | None, about: str) -> str:
    if about == "declared":
        return NEUTRAL
    return GOOD if diverges is None or at < diverges else WRONG


def _box(at: int, y: float, name: str, colour: str) -> str:
    x = 110 + at * 150
    box = drawing.rect(x, y - 17, (142, 24), colour, drawing.shown(name, most=120))
    return box + drawing.text(x + 71, y, drawing.shown(name, most=18), anchor="middle", fill="#ffffff")
