"""Let a parameter whose default is None admit None in its annotation."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._mypy import findings
from bot.strategies._python import annotate, optional
from bot.strategies._text import edit, source

_PARAMETER = re2.compile(r'Incompatible default for (?:argument|parameter) "(\w+)" \(default has type "None"')


def _annotations(tree: ast.Module, name: str, line: int) -> list[ast.expr]:
    """Return the annotations of the parameters of that name on that line whose default is None."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        positional = [*node.args.posonlyargs, *node.args.args]
        pairs: list[tuple[ast.arg, ast.expr | None]] = []
        pairs += zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True)
        pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for argument, default in pairs:
            none = isinstance(default, ast.Constant) and default.value is None
            if none and argument.arg == name and line in {argument.lineno, node.lineno} and argument.annotation:
                found.append(argument.annotation)
    return found


@strategy(causes=("type",), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the parameters that the type checker names."""
    targets: dict[str, dict[ast.expr, str]] = {}
    for finding in findings(diagnosis, codebase, "assignment"):
        named, tree = _PARAMETER.search(finding.message), codebase.tree(finding.path)
        if named and tree:
            found = _annotations(tree, named.group(1), finding.line)
            targets.setdefault(finding.path, {}).update(dict.fromkeys(found, named.group(1)))
    edits: list[FileEdit] = []
    for path, wanted in targets.items():
        unit = Unit(codebase.text(path))
        annotate(unit, [(node, optional(source(unit.text, node), unit, codebase)) for node in wanted])
        edits += edit(path, codebase.text(path), unit.text)
    if edits:
        names = dict.fromkeys(name for found in targets.values() for name in found.values())
        yield Proposal(
            strategy="optional_default",
            title=f"Let {', '.join(names)} be None, as the default is",
            edits=tuple(edits),
            confidence=0.93,
            why="the default is None, and PEP 484 no longer lets the annotation leave that out.",
        )
