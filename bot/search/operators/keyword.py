"""A keyword argument more, changed, or exchanged for another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product

from bot.registry import operator
from bot.search.site import Change, Site

_KNOWN = {
    "sorted": ("reverse=True", "key=len", "key=str"), "sort": ("reverse=True", "key=len", "key=str"),
    "open": ('encoding="utf-8"', 'newline=""'), "max": ("default=0", "default=None", "key=len"),
    "min": ("default=0", "default=None", "key=len"), "print": ('end=""', "flush=True"), "enumerate": ("start=1",),
    "dumps": ("sort_keys=True", "ensure_ascii=False"), "makedirs": ("exist_ok=True",), "mkdir": ("exist_ok=True",
    "parents=True"), "split": ("maxsplit=1",), "run": ("check=True", "text=True"), "zip": ("strict=True",),
}  # fmt: skip


_VALUES = {"encoding": ('"utf-8"', '"latin-1"'), "errors": ('"replace"', '"ignore"')}  # of the codecs


def _signatures(site: Site, name: str) -> Iterator[str]:
    """Yield the parameters of the functions of that name, and those that make an object of a class of that name."""
    for node in ast.walk(site.view.tree):
        made = node.body if isinstance(node, ast.ClassDef) and node.name == name else ()
        for one in (node, *(one for one in made if getattr(one, "name", "") == "__init__")):
            if isinstance(one, ast.FunctionDef) and (one is not node or one.name == name):
                yield from (argument.arg for argument in (*one.args.args, *one.args.kwonlyargs))
    for owner, argument in site.hints.parameters:
        if owner == name and site.scope.module.get(name) == "import":
            yield argument


@operator(nodes=(ast.Call,), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the call with a keyword that the callee is known to take, and with booleans of its keywords flipped."""
    node, view = site.node, site.view
    func = node.func
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    given = {keyword.arg for keyword in node.keywords}
    parts = [*node.args, *node.keywords]
    at = view.end(parts[-1]) if parts else view.end(node) - 1
    lead = ", " if parts else ""
    for text in _KNOWN.get(name, ()):
        if text.partition("=")[0] not in given:
            yield site.span(at, at, lead + text, 2.0)
    taken = dict.fromkeys(_signatures(site, name))
    own = site.scope.attributes.get("self", ()) if "self" in site.names else ()
    for argument in taken:
        if argument in given or argument == "self":
            continue
        for value, weight in ((argument, 2.0), ("True", 1.0), ("False", 1.0), ("None", 0.7)):
            if value != argument or argument in site.names:
                yield site.span(at, at, f"{lead}{argument}={value}", weight)
        for value in _VALUES.get(argument, ()):
            yield site.span(at, at, f"{lead}{argument}={value}", 2.0)
        if argument in own:
            yield site.span(at, at, f"{lead}{argument}=self.{argument}", 2.0)
    if {"encoding", "errors"} <= set(taken) and not {"encoding", "errors"} & given:
        for encoding, errors in product(_VALUES["encoding"], _VALUES["errors"]):
            yield site.span(at, at, f"{lead}encoding={encoding}, errors={errors}", 1.0)
