"""Ask for `ast.Constant` where the code asks for `ast.Num`, `ast.Str` and their like, which Python 3.14 took away."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._porting import port
from bot.strategies._sites import sites
from bot.strategies._text import Span, attribute_span, replace, source

# https://docs.python.org/3/library/ast.html#ast.Constant and the deprecations of Python 3.8
_KINDS = {
    "ast.Num": "int | float | complex", "ast.Str": "str", "ast.Bytes": "bytes", "ast.NameConstant": "bool | None",
    "ast.Ellipsis": "type(...)",
}  # fmt: skip
_VALUES = {"ast.Num": "n", "ast.Str": "s", "ast.Bytes": "s"}


def _is_test(node: ast.AST, unit: Unit) -> str:
    """Return the old class that an `isinstance` asks for, '' when it asks for another or for several."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "isinstance":
        return ""
    origin = unit.origin(node.args[1]) if len(node.args) == 2 else ""
    return origin if origin in _KINDS else ""


def _kinds(old: str) -> str:
    kinds = _KINDS[old].replace("None", "type(None)").split(" | ")
    return kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"


def _ported(unit: Unit, path: str) -> bool:
    names = Names(unit)
    constant = names.spell("ast.Constant")
    tests = [(node, old) for node in ast.walk(unit.tree) if (old := _is_test(node, unit))]
    if constant is None or not tests:
        return False
    spots: list[tuple[Span | ast.AST, str]] = []
    for node, old in tests:
        asked = source(unit.text, node.args[0]) if isinstance(node, ast.Call) else ""
        kinds = f"isinstance({asked}.value, {_kinds(old)})"
        spots.append((node, f"(isinstance({asked}, {constant}) and {kinds})"))
        spots += [
            (attribute_span(one), "value")
            for one in ast.walk(unit.tree)
            if isinstance(one, ast.Attribute) and one.attr == _VALUES.get(old) and ast.unparse(one.value) == asked
        ]
    unit.become(replace(unit.text, spots))
    with_imports(unit, names.imports)
    return True


@strategy(causes=("test-failure", "import-error", "error", "removed-api"), trust="glance", prior=0.88)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port of all such tests when an error or a warning names one of the classes."""
    said = " ".join(site.message for site in sites(diagnosis, codebase))
    old = [name.removeprefix("ast.") for name in _KINDS]
    if not any(
        f"ast.{name}" in said or f"attribute '{name}'" in said or f"import name '{name}'" in said for name in old
    ):
        return
    edits = port(codebase, tuple(old), _ported)
    if edits:
        yield Proposal(
            strategy="ast_constants",
            title="Ask for ast.Constant",
            edits=edits,
            confidence=0.9,
            why="since Python 3.8 every literal is an `ast.Constant`; the older classes are gone from 3.14.",
        )
