"""Operators of the search: `in.py` is the code, `out.txt` the edits that the operator offers, likeliest first.

A first line `# at: TEXT` limits the edits to nodes whose source contains TEXT, `# test: CODE` is what the failing test
says, `# helpers: MODULE:NAME ...` are functions of other modules of the project, and `# missing: NAME` says that the
test fails where something is None. An empty `out.txt` means: must not
touch.
"""

import ast
from dataclasses import replace
from pathlib import Path

from bot.registry import unit
from bot.search.hints import read
from bot.search.scope import Scope
from bot.search.site import Change, Site
from bot.search.view import View

MOST = 25


def _told(text: str, mark: str) -> str:
    first = text.partition("\n")[0]
    return first.removeprefix(mark) if first.startswith(mark) else ""


def _applied(text: str, change: Change) -> str:
    for start, end, new in sorted(change.spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _shown(view: View, change: Change) -> str:
    """Return the lines that differ, as they become, on one line."""
    before, after = view.text.split("\n"), _applied(view.text, change).split("\n")
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    gone = " | ".join(line.strip() for line in before[head : len(before) - tail])
    new = " | ".join(line.strip() for line in after[head : len(after) - tail])
    return f"{head + 1}: {gone} -> {new}"


def run(name: str, case: Path) -> dict[str, str]:
    """Return `out.txt`: the edits, each as `weight line: before -> after`; every one of them must parse."""
    text = (case / "in.py").read_text("utf-8")
    view, found = View("in.py", text), unit("operator", name)
    at, hints = _told(text, "# at: "), read([ast.parse(_told(text, "# test: "))])
    helpers = [row.partition(":") for row in _told(text, "# helpers: ").split()]
    hints = replace(hints, helpers=tuple((module, name) for module, _, name in helpers))
    hints = replace(hints, missing=bool(_told(text, "# missing: ")))
    rows = []
    for _, function in view.functions:
        scope = Scope(view, function)
        for node in scope.nodes:
            if type(node) in found.about["nodes"] and (not at or (hasattr(node, "lineno") and at in view.code(node))):
                rows += [(change.weight, change) for change in found(Site(view, scope, node, hints))]
    rows.sort(key=lambda row: -row[0])
    for _, change in rows:
        ast.parse(_applied(text, change))
    lines = [f"{weight:.2f} {_shown(view, change)}" for weight, change in rows[:MOST]]
    return {"out.txt": "".join(f"{line}\n" for line in dict.fromkeys(lines))}
