"""A statement that runs only under a condition, or no longer does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site

_ABSENT = 0.1  # where the tests fail because something is missing, what needs it is not run just then


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the statement under each condition at hand; of an `if` without `else`, its body alone."""
    node, view = site.node, site.view
    indent = view.indent(node)
    if indent is None or view.place(node) not in ("body", "orelse", "finalbody"):
        return
    if isinstance(node, ast.If):
        first, last = node.body[0], node.body[-1]
        own = view.indent(first)
        if not node.orelse and own is not None and not view.text[view.start(node) :].startswith("elif"):
            text = view.text[view.start(first) : view.end(last)].replace(f"\n{own}", f"\n{indent}")
            yield site.span(view.start(node), view.end(node), text, 20.0)
        return
    lines = view.code(node).split("\n")
    for text, weight in conditions(site, node):
        absent = text.startswith("not ") or text.endswith(" is None")
        likely = weight * (_ABSENT if absent and site.hints.missing else 1.0)
        body = "\n".join([f"{indent}    {lines[0]}", *(f"    {line}" if line.strip() else line for line in lines[1:])])
        yield site.span(view.start(node), view.end(node), f"if {text}:\n{body}", likely)
