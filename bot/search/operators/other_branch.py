"""A branch that an `if` lacks, made like the ones it has: `else: lower += 1` beside `upper += 1`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions, turned
from bot.search.operators._variants import adapted, simple
from bot.search.site import Change, Site

_MOST_TESTS = 12
_KIN = {"isupper": "islower", "islower": "isupper", "isdigit": "isalpha", "isalpha": "isdigit",
        "startswith": "endswith", "endswith": "startswith"}  # fmt: skip


def _branches(site: Site) -> Iterator[ast.stmt]:
    """Yield the last simple statements of the branches, those of the `if` chain before this one too."""
    chain = [site.node, *(up for up in site.view.above(site.node) if isinstance(up, ast.If))]
    for node in chain:
        if simple(site, node.body[-1]):
            yield node.body[-1]


def _tests(site: Site) -> Iterator[tuple[str, float]]:
    """Yield conditions for another branch: the test turned the other way first, then what is at hand."""
    test = site.node.test
    yield from ((text, 2.0) for text in turned(site, test))
    for part in ast.walk(test):
        if isinstance(part, ast.Attribute) and part.attr in _KIN:
            yield site.code(test).replace(f".{part.attr}(", f".{_KIN[part.attr]}(", 1), 3.0
    found = sorted(dict(conditions(site, test)).items(), key=lambda row: -row[1])
    yield from ((text, weight / 4) for text, weight in found[:_MOST_TESTS] if text != site.code(test))


@operator(nodes=(ast.If,), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield `else:` and `elif condition:` with a statement of a branch, as it is or adapted."""
    node, view = site.node, site.view
    indent = view.indent(node)
    if node.orelse or indent is None or view.place(node) not in ("body", "orelse", "finalbody"):
        return
    done = {site.code(branch) for branch in _branches(site)}
    offers = {text: weight for branch in _branches(site) for text, weight in adapted(site, branch)}
    tests = dict(_tests(site))
    for text, weight in offers.items():
        if text not in done:
            yield from _behind(site, ("else:", f"    {text}"), 4.0 * weight)
        for test, likely in tests.items():
            yield from _behind(site, (f"elif {test}:", f"    {text}"), 0.3 * weight * likely)


def _behind(site: Site, lines: tuple[str, ...], weight: float) -> Iterator[Change]:
    change = site.after(site.node, lines, weight)
    if change is not None:
        yield change
