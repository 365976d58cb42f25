"""A text made from another by exchanging a part of it, as the examples of the failing test show."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_MOST, _LONGEST = 24, 120
_EXAMPLES = 2  # that must agree: one alone shows too little


def exchanges(texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield `(old, new)` where `one.replace(old, new)` is another, for several pairs of texts, the most usual first.

    What goes in between is told by the whole word before it, or behind it where none is before.
    """
    found: Counter[tuple[str, str]] = Counter()
    few = [text for text in texts if len(text) <= _LONGEST][:_MOST]
    for one in few:
        for two in few:
            if one != two:
                found.update(row for row in dict.fromkeys(_exchanged(one, two)) if one.replace(*row) == two)
    yield from (row for row, count in found.most_common() if count >= _EXAMPLES)


def _exchanged(one: str, two: str) -> Iterator[tuple[str, str]]:
    head = _common(one, two)
    tail = _common(one[head:][::-1], two[head:][::-1])
    while head + tail == len(one) and head and one[head - 1] == two[len(two) - tail - 1]:
        head, tail = head - 1, tail + 1  # what is put in stands as far to the left as it can
    start, end, stop = head, len(one) - tail, len(two) - tail
    if end > start and stop > start:
        yield one[start:end], two[start:stop]
    if not head:
        return
    before = len(one[:start].rstrip().rpartition(" ")[0])  # the sign before the word goes with it
    yield one[before:end], one[before:start] + two[start:stop]
    word = before + 1 if one[before : before + 1] == " " else before
    yield one[word:end], one[word:start] + two[start:stop]


def _common(one: str, two: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


@operator(nodes=(ast.BinOp, ast.Call, ast.JoinedStr), share=0.004)
def propose(site: Site) -> Iterator[Change]:
    """Yield `text.replace(old, new)` in the place of what is returned or bound, for a text that it is made from."""
    node = site.node
    if site.view.place(node) != "value" or isinstance(site.view.parent(node), ast.Attribute | ast.Expr | ast.Await):
        return
    if site.scope.kind(node) not in ("", "str"):
        return
    parts = (part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute) and part is not node)
    texts = [site.code(part) for part in parts if site.view.place(part) != "func" and not _deeper(site, part)]
    quote = usual_quote(site)
    for rank, (old, new) in enumerate(exchanges(site.hints.strings)):
        for text in dict.fromkeys(texts):
            yield site.replace(node, f"{text}.replace({literal(old, quote)}, {literal(new, quote)})", 1 / (1 + rank))


def _deeper(site: Site, part: ast.AST) -> bool:
    return isinstance(site.view.parent(part), ast.Attribute)
