"""Give names that look like figures (`l`, `O`, `I`) one that can be read, in the function that has them (E741)."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._local_names import hidden, is_keyword, renamed, scope_of
from bot.strategies._loops import fresh
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, replace, span_of

Change = tuple[Span | ast.AST, str]
_CODES = frozenset({"E741"})
_UNCLEAR = frozenset({"l", "O", "I"})
_LISTS = (ast.List, ast.ListComp, ast.Tuple, ast.Set, ast.SetComp)


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
    return renamed(text, node, name, new)


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
            node = scope_of(tree, line, name) if tree else None
            if node is not None and not hidden(node, name):
                found[id(node), name] = node
        changes: dict[Span, str] = {}
        given: dict[int, set[str]] = {}
        for (_, name), node in found.items():
            is_argument = any(isinstance(n, ast.arg) and n.arg == name for n in ast.walk(node))
            if not (is_argument and is_keyword(codebase, name)):
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
