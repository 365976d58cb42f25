"""A collection with one element more or one less."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _kin(site: Site) -> list[str]:
    """Return what the file takes from the same objects as the elements here, and the elements do not hold yet."""
    held = {site.code(part) for part in site.node.elts}
    receivers = dict.fromkeys(site.code(part.value) for part in site.node.elts if isinstance(part, ast.Attribute))
    kin = [f"{receiver}.{name}" for receiver in receivers for name in site.scope.attributes.get(receiver, ())]
    return [text for text in kin if text not in held]


@operator(nodes=(ast.List, ast.Tuple, ast.Set), share=0.06)
def propose(site: Site) -> Iterator[Change]:
    """Yield the display without each element, with neighbours exchanged, with a variable more, and in a list."""
    node, view = site.node, site.view
    if isinstance(node.ctx if hasattr(node, "ctx") else None, ast.Store | ast.Del):
        return
    parts = [site.code(part) for part in node.elts]
    opening = view.text[view.start(node)]
    closing = {"(": ")", "[": "]", "{": "}"}.get(opening if view.text[view.end(node) - 1] in ")]}" else "", "")
    opening = opening if closing else ""

    def shown(items: list[str]) -> str:
        return opening + ", ".join(items) + ("," if opening != "[" and len(items) == 1 else "") + closing

    for at in range(len(parts)):
        if len(parts) > 1 or opening == "[":
            yield site.replace(node, shown([*parts[:at], *parts[at + 1 :]]), 1.5)
    for at in range(len(parts) - 1):
        if parts[at] != parts[at + 1]:
            yield site.replace(node, shown([*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]), 3.0)
    for text in _kin(site):
        yield from (site.replace(node, shown(items), 0.7) for items in ([text, *parts], [*parts, text]))
    for name in site.names:
        yield site.replace(node, shown([*parts, name]), 0.7)
        if parts:
            yield site.replace(node, shown([name, *parts]), 0.5)
    if opening == "[":
        yield site.replace(node, f"[{shown(parts)}]", 1.0)
