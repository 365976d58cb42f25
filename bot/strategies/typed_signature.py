"""Annotate functions that a type checker wants annotated: by defaults and returns where they tell, else by `Any`.

`Any` is what an unannotated parameter means already (https://peps.python.org/pep-0484/#the-any-type): the checker is
satisfied, nothing that runs is changed, and a person may say more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._heads import head_end
from bot.strategies._mypy import findings, function_on
from bot.strategies._returns import returned
from bot.strategies._text import Span, edit, replace

_ANY, _ITERATOR = "__ANY__", "__ITERATOR__"  # stand for what is spelt as the file would
Function = ast.FunctionDef | ast.AsyncFunctionDef
_UNTYPED_CALL = re2.compile(r'Call to untyped function "(\w+)"')
_ABLE = {
    "__len__": "int",
    "__bool__": "bool",
    "__str__": "str",
    "__repr__": "str",
    "__hash__": "int",
    "__contains__": "bool",
    "__eq__": "bool",
    "__ne__": "bool",
    "__lt__": "bool",
    "__le__": "bool",
    "__gt__": "bool",
    "__ge__": "bool",
    "__init__": "None",
    "__setattr__": "None",
    "__setitem__": "None",
    "__delitem__": "None",
    "__post_init__": "None",
    "__bytes__": "bytes",
    "__int__": "int",
    "__float__": "float",
    "__index__": "int",
}
"""What special methods return. Source: Python language reference, 3.3 "Special method names"."""


def _spot(node: ast.arg) -> Span:
    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Span(line, column, line, column)


def _of_default(default: ast.expr | None, any_: str) -> str:
    """Return the type of a parameter by its default, `Any` where that tells nothing."""
    if isinstance(default, ast.Constant) and type(default.value) in (bool, int, str, bytes, float):
        return type(default.value).__name__
    return any_


def _parameters(function: Function, any_: str, *, method: bool) -> list[tuple[Span | ast.AST, str]]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults: dict[str, ast.expr | None] = {
        a.arg: d for a, d in zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True)
    }
    defaults |= {a.arg: d for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)}
    static = any(ast.unparse(one) == "staticmethod" for one in function.decorator_list)
    named = positional[1:] if method and not static else positional
    every = [*named, *given.kwonlyargs, *(one for one in (given.vararg, given.kwarg) if one)]
    made: list[tuple[Span | ast.AST, str]] = []
    for one in (one for one in every if one.annotation is None):
        default = defaults.get(one.arg)
        made.append((_spot(one), f": {_of_default(default, any_)}"))
        if default is not None:  # PEP 8: blanks around the equals sign of an annotated default
            made.append((Span(one.end_lineno or 0, one.end_col_offset or 0, default.lineno, default.col_offset), " = "))
    return made


def _result(function: Function, any_: str, iterator: str) -> str:
    """Return the type of a result: what is certain, an iterator for a generator, else `Any`."""
    inner = [n for n in ast.walk(function) if isinstance(n, ast.Yield | ast.YieldFrom)]
    if inner:
        return f"{iterator}[{any_}]" if iterator else ""
    return _ABLE.get(function.name) or returned(function) or any_


def _empty(function: Function) -> list[tuple[Span | ast.AST, str]]:
    """Return the changes that say what the empty attributes of an object hold, which an annotated method must say."""
    made: list[tuple[Span | ast.AST, str]] = []
    for node in (n for n in ast.walk(function) if isinstance(n, ast.Assign) and len(n.targets) == 1):
        if node.lineno == function.lineno:
            continue
        target, value = node.targets[0], node.value
        kind = ""
        if isinstance(value, ast.List) and not value.elts:
            kind = f"list[{_ANY}]"
        elif isinstance(value, ast.Dict) and not value.keys:
            kind = f"dict[{_ANY}, {_ANY}]"
        if kind and isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
            made.append((target, f"{ast.unparse(target)}: {kind}"))
    return made


def _annotated(unit: Unit, function: Function, method: bool) -> None:
    names, text = Names(unit), unit.text
    kind = "AsyncIterator" if isinstance(function, ast.AsyncFunctionDef) else "Iterator"
    changes = _merged(_parameters(function, _ANY, method=method))
    result = "" if function.returns else _result(function, _ANY, _ITERATOR)
    if result:
        at = head_end(text, function)
        text = f"{text[:at].rstrip()} -> {result}{text[at:]}"
    text = replace(text, [*changes, *_empty(function)])
    for mark, api in ((_ANY, "typing.Any"), (_ITERATOR, f"collections.abc.{kind}")):
        spelt = names.spell(api) if mark in text else ""
        if spelt is None:
            return
        text = text.replace(mark, spelt)
    unit.become(text)
    with_imports(unit, names.imports)


def _merged(changes: list[tuple[Span | ast.AST, str]]) -> list[tuple[Span | ast.AST, str]]:
    """Return the changes with an annotation and the equals sign behind it as one."""
    made: list[tuple[Span | ast.AST, str]] = []
    for where, new in changes:
        if new == " = " and made:
            made[-1] = (where, made[-1][1] + new)
        else:
            made.append((where, new))
    return made


def _wanted(diagnosis: Diagnosis, codebase: Codebase) -> dict[str, set[str]]:
    """Return the names of the functions to annotate by file."""
    found: dict[str, set[str]] = {}
    for finding in findings(diagnosis, codebase, "no-untyped-def", "no-untyped-call", "misc", "untyped-decorator"):
        tree = codebase.tree(finding.path)
        function = function_on(tree, finding.line) if tree and finding.code == "no-untyped-def" else None
        if function:
            found.setdefault(finding.path, set()).add(f"{function.name}:{function.lineno}")
        for name in _UNTYPED_CALL.findall(finding.message):
            for symbol in codebase.find(name)[:1]:
                found.setdefault(symbol.file, set()).add(f"{name}:{symbol.line}")
    return found


def _all_annotated(text: str, wanted: set[str]) -> str:
    unit = Unit(text)
    keys = sorted(wanted, key=lambda one: -int(one.rpartition(":")[2]))
    for key in keys:
        name = key.rpartition(":")[0]
        for owner in [n for n in ast.walk(unit.tree) if isinstance(n, ast.Module | ast.ClassDef | Function)]:
            inside = [n for n in owner.body if isinstance(n, Function) and n.name == name]
            for function in inside[:1]:
                if function.returns is None or _parameters(function, "Any", method=isinstance(owner, ast.ClassDef)):
                    _annotated(unit, function, isinstance(owner, ast.ClassDef))
    return unit.text


@strategy(causes=("type",), trust="glance", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all functions that lack annotations."""
    wanted = _wanted(diagnosis, codebase)
    edits = [
        one
        for path in wanted
        for one in edit(path, codebase.text(path), _all_annotated(codebase.text(path), wanted[path]))
    ]
    if edits:
        names = sorted({name.partition(":")[0] for found in wanted.values() for name in found})
        yield Proposal(
            strategy="typed_signature",
            title=f"Annotate {', '.join(names)}",
            edits=tuple(edits),
            confidence=0.8,
            why="the checker wants these functions annotated; what their code does not tell is `Any`, as it was.",
        )
