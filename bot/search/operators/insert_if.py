"""A statement of the function under a condition, where it is missing: `if rest: parts.append(rest)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions, turned
from bot.search.operators._variants import adapted, renamed, simple
from bot.search.site import Change, Site

_MOST_TESTS, _MOST_STATEMENTS = 15, 30


def _copies(site: Site) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield this small `if` with one variable exchanged throughout, its comparison as it is or the other way round."""
    node = site.node
    if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1 or not simple(site, node.body[0]):
        return
    tests = [site.code(node.test), *turned(site, node.test)]
    names = dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    for name in names:
        for other in site.names:
            if name not in site.names or other in names:
                continue
            near = 1.0 if site.scope.kinds.get(other, "") == site.scope.kinds.get(name, "") else 0.3
            body = _exchanged(node.body[0], name, other)
            for rank, test in enumerate(tests):
                shown = _exchanged(ast.parse(test, mode="eval").body, name, other)
                yield (f"if {shown}:", f"    {body}"), 20 * near / (1 + rank)


def _exchanged(node: ast.AST, name: str, other: str) -> str:
    """Return the source of a node with one variable for another at all places."""
    new = ast.parse(ast.unparse(node))
    for part in ast.walk(new):
        if isinstance(part, ast.Name) and part.id == name:
            part.id = other
    return ast.unparse(new)


def _near(test: str, statement: str) -> float:
    """Return how likely a condition is for a statement: more where they speak of the same."""
    words = {part.id for part in ast.walk(ast.parse(statement)) if isinstance(part, ast.Name)}
    return 1.0 if any(isinstance(one, ast.Name) and one.id in words for one in ast.walk(ast.parse(test))) else 0.2


def _statements(site: Site) -> dict[str, float]:
    """Return the likeliest statements that the function has elsewhere, as they are or with a variable exchanged."""
    found: dict[str, float] = {}
    for node in site.scope.nodes:
        if isinstance(node, ast.stmt) and simple(site, node):
            found[site.code(node)] = 1.5
            found |= {text: weight / 2 for text, weight in (*adapted(site, node), *renamed(site, node))}
    return dict(sorted(found.items(), key=lambda row: -row[1])[:_MOST_STATEMENTS])


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.015)
def propose(site: Site) -> Iterator[Change]:
    """Yield each such statement under each likely condition, before this one and after it where it ends its block."""
    rows = list(_copies(site))
    tests = sorted(dict(conditions(site, site.node)).items(), key=lambda row: -row[1])[:_MOST_TESTS]
    for text, weight in _statements(site).items():
        rows += [((f"if {test}:", f"    {text}"), weight * likely * _near(test, text)) for test, likely in tests]
    for lines, weight in rows:
        yield from site.around(lines, weight)
