"""Another string: one of the file, a like sign, another case, or without its ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_KIN = ("([{<", ")]}>", "'\"`", ",;.: |\t", "-_ +/", "/\\", "0123456789")


def _others(site: Site, value: str) -> Iterator[tuple[str, float]]:
    for group in _KIN if len(value) == 1 else ():
        yield from ((other, 1.0) for other in group if value in group)
    for changed in (value.strip(), value.lower(), value.upper(), value.capitalize(), f" {value}", f"{value} ",
                    value + "\n", value[1:], value[:-1], value.replace("-", "_"), value.replace("_", "-")):  # fmt: skip
        yield changed, 0.7
    words = value.split()
    for word in words if 1 < len(words) <= 6 else ():
        yield f" {word} ", 0.5
        yield word, 0.7
    for node in site.scope.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= 40:
            yield node.value, 1.0


@operator(nodes=(ast.Constant,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the variable of that name, strings near this one, then the function's other strings."""
    node = site.node
    if not isinstance(node.value, str) or len(node.value) > 80 or isinstance(site.view.parent(node), ast.Expr):
        return
    code = site.view.code(node)
    quote = code[-1:]
    if code[:1] != quote or code[:3] == quote * 3 or "\n" in code:
        return
    if node.value in site.names:
        yield site.replace(node, node.value, 3.0)
        yield site.replace(node, f"{node.value}.encode()", 0.5)
    seen = {node.value}
    for value, weight in _others(site, node.value):
        if value not in seen:
            seen.add(value)
            text = repr(value)
            body = text[1:-1] if text[0] == quote else text[1:-1].replace("\\'", "'").replace('"', '\\"')
            yield site.replace(node, f"{quote}{body}{quote}", weight)
