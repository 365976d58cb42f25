"""Say the type of what is returned where a type checker sees `Any` come out, and match overrides with their base.

A value of an untyped library gets the type that the function declares: the checker then holds the function to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._loops import fresh
from bot.strategies._mypy import TypeFinding, findings, function_on
from bot.strategies._text import edit, indent_of, replace, source

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SIGNATURE = re2.compile(r'Signature of "(\w+)" incompatible with supertype "(?:[\w.]+\.)?(\w+)"')
_ARGUMENT = re2.compile(
    r'Argument (\d+) of "(\w+)" is incompatible with supertype "(?:[\w.]+\.)?(\w+)"; supertype'
    r" defines the argument type"
)


def _named(finding: TypeFinding, text: str, tree: ast.Module) -> str:
    """Return the text with the returned expression bound to a name of the declared type first."""
    held = [n for n in ast.walk(tree) if isinstance(n, Function) and n.lineno <= finding.line <= (n.end_lineno or 0)]
    function = max(held, key=lambda node: node.lineno, default=None)
    inside = [n for n in ast.walk(function) if isinstance(n, ast.Return)] if function else []
    node = next((n for n in inside if n.lineno <= finding.line <= (n.end_lineno or 0)), None)
    if function is None or function.returns is None or node is None or node.value is None:
        return text
    rows = split_lines(text)
    row = rows[node.lineno - 1]
    if row[: node.col_offset].strip():
        return text
    name, indent = fresh("result", function), indent_of(row)
    value = source(text, node.value)
    made = f"{name}: {source(text, function.returns)} = {value}\n{indent}return {name}"
    return replace(text, [(node, made)])


def _overridden(name: str, owner: str, codebase: Codebase) -> tuple[str, Function] | None:
    """Return the text and the node of a method of the one class of that name in the project."""
    found = [one for one in codebase.find(owner) if one.kind == "class"]
    tree = codebase.tree(found[0].file) if len(found) == 1 else None
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == owner] if tree else []
    methods = [n for one in classes[:1] for n in one.body if isinstance(n, Function) and n.name == name]
    return (codebase.text(found[0].file), methods[0]) if methods else None


def _matched(finding: TypeFinding, text: str, tree: ast.Module, codebase: Codebase) -> str:
    """Return the text whose override takes what the method takes that it overrides."""
    function = function_on(tree, finding.line)
    found = _SIGNATURE.search(finding.message)
    base = _overridden(found.group(1), found.group(2), codebase) if found else None
    if base and function:
        own, wanted = [a.arg for a in function.args.args], base[1].args.args
        lacking = wanted[len(own) :] if [a.arg for a in wanted][: len(own)] == own else []
        spot = _end_of_parameters(function)
        if not lacking or spot is None or base[1].args.defaults or function.args.defaults:
            return text
        more = "".join(f", {source(base[0], one)}" for one in lacking)
        return replace(text, [(spot, source(text, spot) + more)])
    return text


def _end_of_parameters(function: Function) -> ast.arg | None:
    """Return the last plain parameter of a function that has only such, None for others."""
    given = function.args
    return given.args[-1] if given.args and not (given.vararg or given.kwarg or given.kwonlyargs) else None


def _widened(finding: TypeFinding, text: str, tree: ast.Module, codebase: Codebase) -> str:
    """Return the text whose override annotates a parameter as the method does that it overrides."""
    function, found = function_on(tree, finding.line), _ARGUMENT.search(finding.message)
    base = _overridden(found.group(2), found.group(3), codebase) if found else None
    if not found or not base or function is None:
        return text
    at = int(found.group(1))
    own, wanted = function.args.args, base[1].args.args
    if not (0 < at < len(own) and at < len(wanted)):
        return text
    mine, theirs = own[at].annotation, wanted[at].annotation
    return replace(text, [(mine, source(base[0], theirs))]) if mine and theirs else text


@strategy(causes=("type",), trust="review", prior=0.55)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the findings of each file, from its end upwards."""
    texts: dict[str, str] = {}
    for finding in sorted(
        findings(diagnosis, codebase, "no-any-return", "override"), key=lambda one: (one.path, -one.line)
    ):
        text = texts.get(finding.path, codebase.files.get(finding.path, ""))
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        if finding.code == "no-any-return":
            texts[finding.path] = _named(finding, text, tree)
        else:
            made = _matched(finding, text, tree, codebase)
            texts[finding.path] = made if made != text else _widened(finding, text, tree, codebase)
    edits = [one for path, text in texts.items() for one in edit(path, codebase.files[path], text)]
    if edits:
        yield Proposal(
            strategy="any_return",
            title=f"Let {edits[0].path} keep to the types that it declares",
            edits=tuple(edits),
            confidence=0.78,
            why="the declared type is said once more where the value comes from, or as the base class says it.",
        )
