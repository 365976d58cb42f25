"""What the expected texts of a failing test begin or end with, put before or behind a text; a cut text makes room."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import SUM, TERM
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_TEXT = ("", "str")
_MOST = 4


def _ends(hints: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the signs that texts of the tests begin with, and those that they end with, whole texts left out."""
    heads: dict[str, None] = {}
    tails: dict[str, None] = {}
    for text in hints:
        signs = "".join(c for c in set(text) if not c.isalnum())
        head, tail = text[: len(text) - len(text.lstrip(signs))], text[len(text.rstrip(signs)) :]
        if head != text:
            heads[head], tails[tail] = None, None
    return [head for head in heads if head][:_MOST], [tail for tail in tails if tail][:_MOST]


@operator(nodes=(ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield `text + s`, `s + text`, and for `text[:n]` also `text[: n - len(s)] + s`."""
    node = site.node
    if site.view.place(node) not in ("value", "elt") or site.scope.kind(node) not in _TEXT:
        return
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(
        site.view.parent(node), ast.Attribute | ast.Subscript | ast.Starred | ast.Await
    ):
        return
    heads, tails = _ends(site.hints.strings)
    for sign in heads:
        yield site.replace(node, f"{literal(sign, usual_quote(site))} + {site.bound(node, TERM)}", 1.0)
    for sign in tails:
        own = literal(sign, usual_quote(site))
        yield site.replace(node, f"{site.bound(node, SUM)} + {own}", 1.0)
        found = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(found, ast.Slice) and found.upper is not None and not found.step:
            lower = site.code(found.lower) if found.lower else ""
            bound = f"{site.bound(found.upper, SUM)} - {len(sign)}"
            yield site.replace(node, f"{site.tight(node.value)}[{lower}:{bound}] + {own}", 1.5)
