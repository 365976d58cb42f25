"""Docstrings against signatures: parameters that are described and do not exist.

Only descriptions in a known form count (Google, NumPy, Sphinx), and only where the signature is what callers see: not
behind a decorator that may change it, and not where any keyword is taken. A parameter that is not described is no
drift; one that is described under another name than it has is.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.codebase import Codebase
from bot.detectors._seen import Finding

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FORMS = (
    ("numpy", re2.compile(r"(?m)^\s*Parameters\s*\n\s*-{3,}\s*$")),
    ("sphinx", re2.compile(r"(?m)^\s*:(?:param|parameter|arg|argument|key|keyword)\b[^:\n]*:")),
    ("google", re2.compile(r"(?m)^\s*(?:Args|Arguments|Parameters|Params):\s*$")),
)
_TYPED = re2.compile(r"(?m)^\s*:type +\*{0,2}([A-Za-z_]\w*) *:")
_TYPE_BEHIND = re2.compile(
    r"(?m)^\s*:(?:param|parameter|arg|argument|key|keyword) +\*{0,2}([A-Za-z_]\w*) *\([^()\n]*\) *:"
)
"""`:param name (type):`, which is not Sphinx's own `:param type name:` but is written all the same."""
_PLAIN = frozenset(
    {"staticmethod", "classmethod", "property", "abstractmethod", "lru_cache", "cache", "cached_property"}
    | {"contextmanager", "asynccontextmanager", "final", "override", "wraps", "setter", "total_ordering"}
)
_NAME = re2.compile(r"^\*{0,2}([A-Za-z_][A-Za-z0-9_]*)$")


@dataclass(frozen=True)
class Described:
    """One function or class with a docstring: its qualified name, the signature it speaks of, and the text's lines."""

    qualname: str
    function: Function
    text: str
    line: int
    method: bool


def docstring_findings(codebase: Codebase, path: str) -> Iterator[Finding]:
    """Yield a finding (severity low) for each parameter that a docstring of the file describes and nobody takes."""
    tree = codebase.tree(path)
    for found in _described(tree, "") if tree else ():
        form = next((form for form, pattern in _FORMS if pattern.search(found.text)), "")
        if form and not found.function.args.kwarg and _signature_is_plain(found.function):
            yield from _unknown(path, found, form)


def _described(node: ast.AST, prefix: str) -> Iterator[Described]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            method = isinstance(node, ast.ClassDef)
            yield from _one(child, child, f"{prefix}{child.name}", method=method)
            yield from _described(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            inits = [part for part in child.body if isinstance(part, Function) and part.name == "__init__"]
            if len(inits) == 1 and not child.decorator_list:
                yield from _one(child, inits[0], f"{prefix}{child.name}", method=True)
            yield from _described(child, f"{prefix}{child.name}.")


def _one(owner: Function | ast.ClassDef, function: Function, qualname: str, *, method: bool) -> Iterator[Described]:
    text = ast.get_docstring(owner, clean=True)
    if text and len(text) < 50_000:
        yield Described(qualname, function, text, owner.body[0].lineno, method)


def _signature_is_plain(function: Function) -> bool:
    return all(_last_name(decorator) in _PLAIN for decorator in function.decorator_list)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _unknown(path: str, found: Described, form: str) -> Iterator[Finding]:
    real = _parameters(found.function)
    described = list(dict.fromkeys(_names(found.text, form)))
    # Nothing in common: the text speaks of something else (a callback, a protocol, attributes), unless names are near.
    same = bool(set(described) & set(real))
    unsaid = [name for name in real if name not in described and name not in ("self", "cls")]
    for name in described:
        if name not in real and not name[0].isupper():  # a capital letter begins a sentence more often than a name
            near = difflib.get_close_matches(name, unsaid, n=1, cutoff=0.5 if same else 0.7)
            near = near or (unsaid if same and len(unsaid) == 1 else [])
            if same or near:
                yield _finding(path, found, name, near[0] if near else "")


def _parameters(function: Function) -> tuple[str, ...]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return tuple(argument.arg for argument in named)


def _names(text: str, form: str) -> Iterator[str]:
    import griffe

    if form == "sphinx":
        for pattern in (_TYPED, _TYPE_BEHIND):
            yield from (str(found.group(1)) for found in pattern.finditer(text))
    sections = griffe.Docstring(text).parse(form, warnings=False)  # type: ignore[arg-type]
    for section in sections:
        if section.kind is griffe.DocstringSectionKind.parameters:
            for parameter in section.value:
                name = _NAME.search(parameter.name)
                if name:
                    yield str(name.group(1))


def _finding(path: str, found: Described, name: str, near: str) -> Finding:
    line = found.line + found.text[: max(0, found.text.find(name))].count("\n")
    instead = f"; it is called {near} now" if near else ""
    return Finding(
        type="documentation",
        cause=f"docstring:{path}:{found.qualname}:{name}",
        severity="low",
        description=f"the docstring of {found.qualname} describes {name}, which is no parameter{instead}",
        confidence=0.9 if near else 0.7,
        handler=found.qualname.rpartition(".")[2],
        metrics={
            "pattern": "docstring-parameter",
            "class": "docs",
            "tool": "docstring",
            "file": path,
            "line": line,
            "function": found.qualname,
            "documented": name,
            "actual": near,
        },
        evidence=(f"{path}:{line}",),
    )
