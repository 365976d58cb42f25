"""The coverage report: what production uses, against what the tests reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.markdown import code, table
from bot.model import TelemetryMetrics
from bot.views import drawing

MOST = 40
COLOURS = {True: "#4ac26b", False: "#cf222e", None: "#8c959f"}
WORDS = {True: "yes", False: "**no**", None: "not known"}


class Tested(NamedTuple):
    """What is known of one handler's tests: reached or not (None: not known), where it is, whether it was measured."""

    reached: bool | None
    file: str = ""
    line: int = 0
    measured: bool = False


def data(metrics: TelemetryMetrics, tested: Mapping[str, Tested], *, only_known: bool = False) -> dict[str, Any]:
    """Return the handlers that are no tests, most used first, with what the tests reach; and the share that is tested.

    `only_known` leaves out those of which nothing is known.
    """
    used = {name: one for name, one in metrics.handlers.items() if not one.test and one.count}
    total = sum(one.count for one in used.values())
    rows = []
    for name, one in sorted(used.items(), key=lambda item: (-item[1].count, item[0])):
        known = tested.get(name, Tested(None))
        if not only_known or known.reached is not None:
            share = one.count / total
            rows.append({"handler": name, "count": one.count, "share": share, **known._asdict()})
    judged = [row for row in rows if row["reached"] is not None]
    covered = sum(row["count"] for row in judged if row["reached"])
    return {
        "view": "coverage",
        "tested_share": covered / sum(row["count"] for row in judged) if judged else None,
        "rows": rows,
        "files": dict(sorted(metrics.coverage.items())),
    }


def markdown(found: dict[str, Any]) -> str:
    """Return the report as a table."""
    if not found["rows"]:
        return "No handler was seen outside of tests."
    rows = [
        (code(row["handler"], most=80), f"{row['count']:,}", f"{row['share']:.1%}", WORDS[row["reached"]], _where(row))
        for row in found["rows"]
    ]
    share = found["tested_share"]
    told = f"Tests reach {share:.0%} of what is used and known." if share is not None else "No tests are known."
    return f"{told}\n\n{table(('Handler', 'Runs', 'Share of all runs', 'Tested', 'Where'), rows, most=MOST)}"


def _where(row: dict[str, Any]) -> str:
    return code(f"{row['file']}:{row['line']}") if row["file"] else "-"


def svg(found: dict[str, Any]) -> str:
    """Return the report as bars as long as a handler is used, green where tests reach it."""
    title = "What is used, green where tests reach it" if found["rows"] else "No handler was seen outside of tests"
    parts = [drawing.text(8, 24, title)]
    largest = max((row["share"] for row in found["rows"]), default=1.0)
    for at, row in enumerate(found["rows"][:MOST]):
        y = 40 + at * 24
        parts.append(drawing.text(8, y + 16, drawing.shown(row["handler"], most=42)))
        said = f"{row['count']:,} runs, {row['share']:.1%}"
        parts.append(drawing.rect(340, y, (max(2, 300 * row["share"] / largest), 20), COLOURS[row["reached"]], said))
        parts.append(drawing.text(650, y + 16, said))
    return drawing.document(860, 48 + 24 * len(found["rows"][:MOST]), title, parts)
