"""Give names the form that a linter asks for: `HttpClient`, `get_name`, `max_size`, no builtin's name (N8xx, A00x).

A parameter or variable is renamed within its function, a function, method or class in the whole project; not where
something else may mean the old name. Source: https://peps.python.org/pep-0008/#naming-conventions
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterable

import re2

from bot.codebase import Codebase, of
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._local_names import hidden, is_keyword, renamed, scope_of
from bot.strategies._loops import fresh
from bot.strategies._rename import rename_everywhere
from bot.strategies._text import edit, replace

_LOCAL = frozenset({"N803", "N806", "A001", "A002"})
_PUBLIC = frozenset({"N801", "N802", "N818"})
_HUMP = re2.compile(r"([a-z0-9])([A-Z])")
_ACRONYM = re2.compile(r"([A-Z]+)([A-Z][a-z])")


def snake(name: str) -> str:
    """Return a name in lower case with underscores between its words."""
    parted = str(_HUMP.sub(r"\1_\2", str(_ACRONYM.sub(r"\1_\2", name))))
    return parted.lower()


def camel(name: str) -> str:
    """Return a name with a capital at each of its words."""
    lead = name[: len(name) - len(name.lstrip("_"))]
    return lead + "".join(word[:1].upper() + word[1:] for word in name.split("_") if word)


def _wanted(code: str, name: str) -> str:
    """Return the name that a rule asks for, '' when it is no other or no name."""
    new = name
    if code.startswith("A"):
        new = f"{name}_"
    elif code == "N801":
        new = camel(name)
    elif code == "N818":
        new = f"{name.removesuffix('Exception')}Error"
    else:
        new = snake(name)
    return new if new != name and new.isidentifier() and not keyword.iskeyword(new) else ""


def _within(tree: ast.Module, text: str, line: int, pair: tuple[str, str], codebase: Codebase) -> str:
    """Return the text with a name of one function renamed there, unchanged where that could mean something else."""
    name, new = pair
    node = scope_of(tree, line, name)
    if node is None or hidden(node, name) or fresh(new, node) != new:
        return text
    is_argument = any(isinstance(n, ast.arg) and n.arg == name for n in ast.walk(node))
    if is_argument and is_keyword(codebase, name):
        return text
    return replace(text, renamed(text, node, name, new))


def _said(tree: ast.Module, code: str, line: int) -> list[str]:
    """Return the names on a line that a rule may be about."""
    found: list[str] = []
    for node in (n for n in ast.walk(tree) if getattr(n, "lineno", 0) == line):
        if (code in {"N801", "N818"} and isinstance(node, ast.ClassDef)) or (
            code == "N802" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            found.append(node.name)
        elif code in {"N803", "A002"} and isinstance(node, ast.arg):
            found.append(node.arg)
        elif code in {"N806", "A001"} and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
    return [name for name in dict.fromkeys(found) if not code.startswith("A") or hasattr(builtins, name)]


def _renamed(code: str, place: tuple[str, int], codebase: Codebase) -> dict[str, str]:
    """Return the new texts of the files that the names on a line are rewritten in, none where that is not certain."""
    path, line = place
    tree = codebase.tree(path) if path in codebase.files and code in _LOCAL | _PUBLIC else None
    for name in _said(tree, code, line) if tree else ():
        new = _wanted(code, name)
        if new and code in _PUBLIC:
            return {one.path: one.text or "" for one in rename_everywhere(name, new, codebase)}
        text = _within(tree, codebase.text(path), line, (name, new), codebase) if new and tree else codebase.text(path)
        if text != codebase.text(path):
            return {path: text}
    return {}


@strategy(causes=("lint", "pre-commit"), trust="review", prior=0.72)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the names that can be given the form which their rules ask for."""
    files, current = dict(codebase.files), codebase
    for code, place in [(failure.code, place) for failure in diagnosis.failures for place in places_of(failure)]:
        found = _renamed(code, place, current)
        if found:
            files |= found
            current = of(files)
    edits = [one for path, text in files.items() for one in edit(path, codebase.files[path], text)]
    if edits:
        yield Proposal(
            strategy="lint_names",
            title=f"Rename what a linter would have named otherwise in {edits[0].path}",
            edits=tuple(edits),
            confidence=0.82,
            why="the rule asks for this form; every place that says the name says the new one.",
        )
