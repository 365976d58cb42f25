"""Give names that look like figures (`l`, `O`, `I`) one that can be read, in the function that has them (E741)."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._loops import fresh
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, replace, source, span_of

Change = tuple[Span | ast.AST, str]
_CODES = frozenset({"E741"})
_UNCLEAR = frozenset({"l", "O", "I"})
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_LISTS = (ast.List, ast.ListComp, ast.Tuple, ast.Set, ast.SetComp)


def _scope_of(tree: ast.Module, line: int, name: str) -> ast.AST | None:
    """Return the innermost function, else comprehension, around a line that binds a name there."""
    around = [n for n in ast.walk(tree) if isinstance(n, _SCOPES) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    whole = [n for n in around if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)] or around
    binding = [n for n in whole if name in _bound(n)]
    return binding[-1] if binding else None


def _bound(node: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}


def _hidden(node: ast.AST, name: str) -> bool:
    """Return whether a name is bound in a way that is no name in the tree, or belongs to an outer scope."""
    for each in ast.walk(node):
        kept = getattr(each, "names", None) if isinstance(each, ast.Global | ast.Nonlocal) else ()
        own = (getattr(each, "name", None), getattr(each, "asname", None), getattr(each, "rest", None))
        if name in (kept or ()) or name in own:
            return True
    return False


def _better(node: ast.AST, name: str) -> str:
    """Return a name that says what is bound: the single one of a plural, a length, items, or plainly a value."""
    for each in ast.walk(node):
        if isinstance(each, ast.For | ast.AsyncFor | ast.comprehension) and _is(each.target, name):
            plural = dotted(each.iter).rpartition(".")[2]
            return plural[:-1] if plural.endswith("s") and len(plural) > 3 and not plural.endswith("ss") else "item"
        if isinstance(each, ast.Assign) and any(_is(target, name) for target in each.targets):
            made = dotted(each.value.func) if isinstance(each.value, ast.Call) else ""
            return "length" if made == "len" else "items" if isinstance(each.value, _LISTS) or made else "value"
    return "value"


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _changes(text: str, node: ast.AST, name: str, given: set[str]) -> list[Change]:
    """Return the changes that rename, none where the tree does not say where the name stands."""
    wanted = _better(node, name)
    free = (one for one in (wanted, *(f"{wanted}_{count}" for count in range(2, 50))) if fresh(one, node) == one)
    new = next(one for one in free if one not in given)
    given.add(new)
    spots: list[ast.AST] = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
    if any(source(text, spot) != name for spot in spots):
        return []
    made: list[Change] = [(spot, new) for spot in spots]
    for each in (n for n in ast.walk(node) if isinstance(n, ast.arg) and n.arg == name):
        end = each.col_offset + len(name)
        made.append((Span(each.lineno, each.col_offset, each.lineno, end), new))
    return made


def _is_keyword(codebase: Codebase, name: str) -> bool:
    """Return whether some call of the project hands over an argument by this name."""
    trees = (codebase.tree(path) for path in codebase.python_files)
    return any(isinstance(n, ast.keyword) and n.arg == name for tree in trees if tree for n in ast.walk(tree))


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file with such names."""
    wanted: dict[str, set[int]] = {}
    for failure in diagnosis.failures:
        for path, line in places_of(failure) if failure.code in _CODES else ():
            wanted.setdefault(path, set()).add(line)
    for path, lines in wanted.items():
        tree, text = codebase.tree(path), codebase.text(path) if path in codebase.files else ""
        found: dict[tuple[int, str], ast.AST] = {}
        for line, name in ((line, name) for line in sorted(lines) for name in sorted(_UNCLEAR) if tree):
            node = _scope_of(tree, line, name) if tree else None
            if node is not None and not _hidden(node, name):
                found[id(node), name] = node
        changes: dict[Span, str] = {}
        given: dict[int, set[str]] = {}
        for (_, name), node in found.items():
            is_argument = any(isinstance(n, ast.arg) and n.arg == name for n in ast.walk(node))
            if not (is_argument and _is_keyword(codebase, name)):
                changes |= {
                    _span(where): new for where, new in _changes(text, node, name, given.setdefault(id(node), set()))
                }
        edits = edit(path, text, replace(text, changes.items()))
        if edits:
            yield Proposal(
                strategy="ambiguous_name",
                title=f"Name what is hard to tell from a figure in {path}",
                edits=edits,
                confidence=0.88,
                why="The name is known within its function only, and is written anew everywhere there.",
            )


def _span(where: Span | ast.AST) -> Span:
    return where if isinstance(where, Span) else span_of(where)
