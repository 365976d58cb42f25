"""Write an annotation as the type checker's own words give it: what is returned, defaults, generators, type arguments.

`-> str` becomes `-> int` where the only return gives an int, a bare `list` becomes `list[Any]`, a generator's result an
`Iterator`, and the type of a parameter that of its default. Nothing that runs is changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._sites import Site, sites
from bot.strategies._text import edit, replace, source

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[ast.expr, str]
_RETURNED = re2.compile(r'Incompatible return value type \(got "(\w+)", expected "\w+"\)')
_DEFAULT = re2.compile(
    r'Incompatible default for (?:parameter|argument) "(\w+)" \(default has type "(\w+)", \w+ has type "\w+"\)'
)
_BARE = re2.compile(r'Missing type arguments for generic type "(\w+)"')
_GENERATOR = re2.compile(r'The return type of an? (async )?generator function should be "')
_PLAIN = frozenset({"int", "float", "str", "bytes", "bool", "complex"})
_ARGUMENTS = {
    "list": "{0}", "set": "{0}", "frozenset": "{0}", "dict": "{0}, {0}", "tuple": "{0}, ...", "Callable": "..., {0}",
    "List": "{0}", "Set": "{0}", "Dict": "{0}, {0}", "Tuple": "{0}, ...", "Sequence": "{0}", "Iterable": "{0}",
    "Iterator": "{0}", "Mapping": "{0}, {0}", "deque": "{0}", "defaultdict": "{0}, {0}", "Counter": "{0}",
}  # fmt: skip


def _around(unit: Unit, line: int) -> Function | None:
    """Return the innermost function that holds a line."""
    held = [n for n in ast.walk(unit.tree) if isinstance(n, Function) and n.lineno <= line <= (n.end_lineno or 0)]
    return max(held, key=lambda node: node.lineno, default=None)


def _result(unit: Unit, site: Site, line: int) -> Place | None:
    """Return the annotation of a function's result with the type that its only return gives."""
    found, function = _RETURNED.search(site.message), _around(unit, line)
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return)] if function else []
    if found and function and function.returns and found.group(1) in _PLAIN and len(returns) == 1:
        return function.returns, str(found.group(1))
    return None


def _parameter(unit: Unit, site: Site, line: int) -> Place | None:
    """Return the annotation of a parameter with the type of its default."""
    found, function = _DEFAULT.search(site.message), _around(unit, line)
    if not found or not function or found.group(2) not in _PLAIN:
        return None
    given = [*function.args.args, *function.args.kwonlyargs]
    noted = next((one.annotation for one in given if one.arg == found.group(1)), None)
    return (noted, str(found.group(2))) if noted else None


def _arguments(unit: Unit, site: Site, line: int) -> Place | None:
    """Return a generic type that stands bare on a line, with `Any` for its arguments."""
    found = _BARE.search(site.message)
    name = str(found.group(1)) if found else ""
    inside = {id(n.value) for n in ast.walk(unit.tree) if isinstance(n, ast.Subscript)}
    called = {id(n.func) for n in ast.walk(unit.tree) if isinstance(n, ast.Call)}
    bare = [n for n in ast.walk(unit.tree) if isinstance(n, ast.Name) and n.id == name and n.lineno == line]
    bare = [node for node in bare if id(node) not in inside | called]
    return (bare[0], f"{name}[{_ARGUMENTS[name]}]") if bare and name in _ARGUMENTS else None


def _iterator(unit: Unit, site: Site, line: int) -> Place | None:
    """Return the annotation of a generator as an iterator of what it says it gives."""
    found, function = _GENERATOR.search(site.message), _around(unit, line)
    if not found or not function or function.returns is None:
        return None
    kind = "AsyncIterator" if isinstance(function, ast.AsyncFunctionDef) else "Iterator"
    return function.returns, f"<{kind}>[{source(unit.text, function.returns)}]"


def _spelt(unit: Unit, place: Place) -> bool:
    """Write an annotation into the file, with the imports that it takes; return whether that could be done."""
    node, text = place
    names = Names(unit)
    for mark, api in (("{0}", "typing.Any"), ("<Iterator>", "collections.abc.Iterator"),
                      ("<AsyncIterator>", "collections.abc.AsyncIterator")):  # fmt: skip
        if mark in text:
            text = text.replace(mark, names.spell(api) or mark)
    if "{0}" in text or "<" in text:
        return False
    unit.become(replace(unit.text, [(node, text)]))
    with_imports(unit, names.imports)
    return True


@strategy(causes=("type",), trust="glance", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each annotation that a finding gives another form."""
    for site in sites(diagnosis, codebase):
        for path, line in site.places[:1]:
            if codebase.tree(path) is None:
                continue
            unit = Unit(codebase.text(path))
            found = (form(unit, site, line) for form in (_result, _parameter, _arguments, _iterator))
            place = next((one for one in found if one), None)
            if place and _spelt(unit, place):
                yield Proposal(
                    strategy="annotation_form",
                    title=f"Correct an annotation on line {line} of {path}",
                    edits=edit(path, codebase.text(path), unit.text),
                    confidence=0.85,
                    why="the type checker says what the code gives; only the annotation says otherwise.",
                )
