"""A regular expression that matches a little more or a little less."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.registry import operator
from bot.search.operators._quoting import quote_of
from bot.search.site import Change, Site

_FUNCTIONS = frozenset("compile match search fullmatch findall finditer sub subn split".split())
# what is written, and what is often meant instead
_SWAPS = (
    ("+", "*"), ("*", "+"), (".*", ".+"), (".+", ".*"), (".*", ".*?"), (".+", ".+?"), (".", r"\."), (r"\.", "."),
    (r"\d", r"\w"), (r"\w", r"[\w-]"), (r"\w", r"\S"), (r"\s", r"\s*"), (r"\s", r"\s+"), (" ", r"\s+"), (" ", r"\s*"),
    (r"\w+", "[^ ]+"), (r"\w+", r"\S+"), (r"\w+", ".+"), (r"\d+", r"\d*"), ("a-z", "a-zA-Z"), ("a-z", "a-z0-9"),
    ("[a-z]", "[a-zA-Z]"), ("[^", "["), ("(", "(?:"), (")", ")?"), ("'", "['\"]"), ("$", r"\b"), (r"\b", ""),
)  # fmt: skip


_REPEATED = re2.compile(r"\[[^\[\]]+\]([+*]\)*)(?:\\{0,2}([^\w\s\\()\[\]^.+*?|$-]))")


def _up_to(pattern: str) -> str:
    """Return the pattern with what is repeated before a sign being anything but that sign, at all such places."""
    changed: str = _REPEATED.sub(lambda found: f"[^{found[2]}]{found[0][found[0].index(']') + 1 :]}", pattern)
    return changed


def _edges(pattern: str, slash: str) -> Iterator[tuple[str, float]]:
    """Yield the pattern beginning and ending with a whole word, or after a space; `slash` is how one is written.

    Of what lets a pattern begin anywhere, that it begins a word takes away the least.
    """
    bare = pattern.removeprefix("^")
    if bare[:1].isalnum():
        yield f"{slash}b{bare}", 1.5 if bare == pattern else 4.0
    if pattern[-1:].isalnum():
        yield f"{pattern}{slash}b", 1.0
    spaces = f"{slash}s*"
    head = spaces if pattern.startswith(spaces) else ""
    yield f"{head}(?<!{slash}S){pattern[len(head) :]}", 1.0


def _edits(pattern: str, slash: str) -> Iterator[tuple[str, float]]:
    for mark, at_start in (("^", True), ("$", False)):
        held = pattern.startswith(mark) if at_start else pattern.endswith(mark)
        if held:
            yield (pattern[1:] if at_start else pattern[:-1]), 3.0
        else:
            yield (mark + pattern if at_start else pattern + mark), 2.0
    yield from _edges(pattern, slash)
    if _up_to(pattern) != pattern:
        yield _up_to(pattern), 2.0
    for old, new in ((old.replace("\\", slash), new.replace("\\", slash)) for old, new in _SWAPS):
        at = pattern.find(old)
        while at >= 0:
            yield pattern[:at] + new + pattern[at + len(old) :], 1.0
            at = pattern.find(old, at + 1)
    for at, char in enumerate(pattern):
        if char.isalnum() and (not at or pattern[at - 1] != "\\"):
            yield f"{pattern[: at + 1]}?{pattern[at + 1 :]}", 0.3
        if char in "?+*":
            yield pattern[:at] + pattern[at + 1 :], 0.7


def _is_pattern(site: Site, node: ast.AST) -> bool:
    up = site.view.parent(node)
    if not isinstance(up, ast.Call) or not up.args or up.args[0] is not node:
        return False
    return (
        isinstance(up.func, ast.Attribute)
        and up.func.attr in _FUNCTIONS
        and site.code(up.func.value) in ("re", "regex")
    )


def _written(site: Site, node: ast.Constant) -> tuple[str, str, str, str] | None:
    """Return a pattern's source as what opens it, the pattern, its quote, and how a backslash is written in it."""
    if not isinstance(node.value, str) or not _is_pattern(site, node):
        return None
    code = site.view.code(node)
    raw, quote = code[:1] in "rR", code[-1:]
    if not (raw and code[1:2] == quote) and not quote_of(site, node):
        return None
    start = 2 if raw else 1
    return code[:start], code[start:-1], quote, "\\" if raw else "\\\\"


def _alike(site: Site) -> Iterator[Change]:
    """Yield all patterns of the function changed alike, where several have what is repeated before a sign."""
    rows = [(node, _written(site, node)) for node in site.scope.nodes if isinstance(node, ast.Constant)]
    spans = [
        (site.view.start(node), site.view.end(node), f"{held[0]}{_up_to(held[1])}{held[2]}")
        for node, held in rows
        if held and _up_to(held[1]) != held[1] and held[2] not in _up_to(held[1])
    ]
    if len(spans) > 1 and spans[0][0] == site.view.start(site.node):
        yield Change(tuple(spans), 3.0)


@operator(nodes=(ast.Constant,), share=0.15)
def propose(site: Site) -> Iterator[Change]:
    """Yield the small edits of a pattern that is passed to a function of `re`.

    The share is high since the operator has something to say only where there is such a pattern.
    """
    written = _written(site, site.node)
    if written is None:
        return
    opening, own, quote, slash = written
    seen = set()
    for pattern, weight in _edits(own, slash):
        if pattern not in seen and quote not in pattern:
            seen.add(pattern)
            yield site.span(site.view.start(site.node), site.view.end(site.node), opening + pattern + quote, weight)
    yield from _alike(site)
