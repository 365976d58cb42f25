"""A call put around an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_BY_KIND = {
    "int": ("abs", "str", "float", "range", "max0", "min0"),
    "float": ("abs", "int", "round", "str"),
    "str": ("int", "len", "list", "float", "set", "ord"),
    "list": ("len", "sorted", "set", "list", "sum", "max", "min", "reversed", "tuple", "any", "all"),
    "": ("len", "list", "str", "sorted", "int", "set", "abs", "sum", "tuple", "max", "min", "float", "bool",
         "reversed", "any", "all", "repr", "iter", "dict"),
}  # fmt: skip
_METHODS = {
    "str": ("strip()", "lower()", "upper()", "split()", "rstrip()", "lstrip()", "splitlines()", "encode()"),
    "list": ("copy()", "pop()"),
    "dict": ("items()", "values()", "keys()", "copy()"),
    "set": ("copy()",),
    "": ("strip()", "lower()", "upper()", "copy()", "items()", "values()", "keys()", "split()", "pop()", "decode()"),
}  # fmt: skip


def _functions(site: Site) -> Iterator[tuple[str, float]]:
    kind = site.scope.kind(site.node)
    for rank, name in enumerate(_BY_KIND.get(kind, _BY_KIND[""])):
        if not name.endswith("0"):
            yield name, 1.0 / (1 + rank / 4)
    for name in site.scope.calls[:15]:
        yield name, 1.0


def _before_more(site: Site) -> Iterator[Change]:
    """Yield a method that gives another text, called before what is asked of the text anyway."""
    kind = site.scope.kind(site.node)
    for text in _METHODS["str"] if kind in ("", "str") else ():
        if text not in ("split()", "splitlines()", "encode()"):
            yield site.replace(site.node, f"{site.tight(site.node)}.{text}", 0.4 if kind else 0.1)


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp, ast.GeneratorExp), share=0.12)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression inside a built-in function or one of the file's, or with a method called on it."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if isinstance(site.view.parent(node), ast.Attribute):
        yield from _before_more(site)
        return
    own = site.code(node)
    for name, weight in dict(_functions(site)).items():
        yield site.replace(node, f"{name}({own})", weight)
    for text in _METHODS.get(site.scope.kind(node), _METHODS[""]):
        yield site.replace(node, f"{site.tight(node)}.{text}", 0.4)
