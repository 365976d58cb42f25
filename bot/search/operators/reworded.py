"""A text pieced together anew, as its own words put another way: `text.replace('diff', 'diff --staged')`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.registry import operator
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_MOST, _LONGEST = 16, 120
_LAST_WORD = (re2.compile(r"\s\w+\W*$"), re2.compile(r"\w+\W*$"))  # where it stands alone, only that is meant


def _rewordings(site: Site) -> Iterator[tuple[str, str]]:
    """Yield what to replace by what, so that one string of the failing test becomes another by an insertion."""
    strings = [hint for hint in site.hints.strings if len(hint) <= _LONGEST][:_MOST]
    for one in strings:
        for two in strings:
            added = len(two) - len(one)
            heads = [at for at in range(len(one) + 1) if one[:at] == two[:at] and one[at:] == two[at + added :]]
            for at in heads if added > 0 and one else ():
                found = [pattern.search(one[:at]) for pattern in _LAST_WORD]
                for old in [word.group() for word in found if word]:
                    yield old, old + two[at : at + added]


@operator(nodes=(ast.Call, ast.BinOp, ast.JoinedStr), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield `part.replace(old, new)` for an expression that puts a name or attribute and other text together."""
    node = site.node
    joined = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod))
    formatted = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    if not (joined or formatted) or isinstance(site.view.parent(node), ast.BinOp):
        return
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
    whole = [part for part in parts if site.view.place(part) != "func" and not _inner(site, part)]
    quote = usual_quote(site)
    for rank, (old, new) in enumerate(dict.fromkeys(_rewordings(site))):
        call = f"replace({literal(old, quote)}, {literal(new, quote)})"
        for text in dict.fromkeys(site.code(part) for part in whole):
            yield site.replace(node, f"{text}.{call}", 1 / (1 + rank / 4))


def _inner(site: Site, part: ast.AST) -> bool:
    return isinstance(site.view.parent(part), ast.Attribute)
