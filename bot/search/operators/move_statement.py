"""A statement at another place of its block, or one block further in or out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_KINDS = (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Return)


def _lines(site: Site, statement: ast.stmt) -> tuple[int, int]:
    view = site.view
    return view.starts[statement.lineno - 1], min(view.starts[statement.end_lineno or 0], len(view.text))


def _shifted(text: str, old: str, new: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(new + line[len(old) :] if line.startswith(old) else line for line in lines)


@operator(nodes=_KINDS, share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the statement before each earlier and after each later sibling, after its block, and at a block's end."""
    node, view = site.node, site.view
    up, indent = view.parent(node), view.indent(node)
    block = getattr(up, view.place(node), [])
    if indent is None or not isinstance(block, list) or not view.text[_lines(site, node)[0] :].strip():
        return
    start, end = _lines(site, node)
    text = view.text[start:end]
    if not text.endswith("\n"):
        text += "\n"
    own = block.index(node)
    for at, other in enumerate(block):
        first, last = _lines(site, other)
        text_only = isinstance(other, ast.Expr) and isinstance(other.value, ast.Constant)
        if at == own or text_only or view.indent(other) is None:
            continue
        to = first if at < own else last
        yield Change(((start, end, ""), (to, to, text)), 2.0 / abs(at - own))
        inner = getattr(other, "body", None)
        if abs(at - own) == 1 and inner and view.indent(inner[-1]) is not None:
            begin, stop = _lines(site, inner[0])[0], _lines(site, inner[-1])[1]
            moved = _shifted(text, indent, view.indent(inner[0]) or "")
            yield Change(((start, end, ""), (begin, begin, moved)), 0.7)
            yield Change(((start, end, ""), (stop, stop, moved)), 1.0)
    if (
        len(block) > 1
        and isinstance(up, ast.stmt)
        and not isinstance(up, ast.FunctionDef)
        and view.indent(up) is not None
    ):
        outer = view.indent(up) or ""
        before, after = _lines(site, up)
        yield Change(((start, end, ""), (after, after, _shifted(text, indent, outer))), 1.5)
        yield Change(((start, end, ""), (before, before, _shifted(text, indent, outer))), 1.0)
