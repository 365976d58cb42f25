"""A step towards the end of a loop that nothing brings to its end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_STEPS = ("{0} -= 1", "{0} += 1", "{0} //= 2", "{0} = {0}[1:]", "{0}.pop()")


def _tested(site: Site) -> Iterator[str]:
    """Yield the variables that the test of a loop reads and its body neither binds nor calls a method of."""
    inside = [part for statement in site.node.body for part in ast.walk(statement)]
    bound = {part.id for part in inside if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    asked = {part.value.id for part in inside if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)}
    read = [part.id for part in ast.walk(site.node.test) if isinstance(part, ast.Name)]
    yield from (name for name in dict.fromkeys(read) if name in site.names and name not in bound | asked)


@operator(nodes=(ast.While,), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield each step at the end and at the start of the body, for variables that the loop leaves as they are.

    The share is high since the operator has something to say only where such a loop is.
    """
    body = site.node.body
    for name in _tested(site):
        for rank, form in enumerate(_STEPS):
            line = (form.format(name),)
            for change in (site.after(body[-1], line, 2.0 / (1 + rank)), site.before(body[0], line, 0.7 / (1 + rank))):
                if change is not None:
                    yield change
