"""Pairs the assertions of a test before and after, and says how what changed has changed."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from bot.gates._claims import Claim, claims
from bot.gates._scopes import Function, Scope, by_name, dotted, scopes
from bot.gates._strength import looser, strength, superclass
from bot.proof.change import Change, FileChange

How = Literal["gone", "weaker", "tolerance", "other", "stricter"]
Key = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True)
class Pair:
    """One assertion that is not there any more as it was: `new` is what stands in its place, if anything does."""

    file: FileChange
    scope: str
    old: Claim
    new: Claim | None
    how: How

    @property
    def line(self) -> int:
        """Return the line to name: of the new assertion, else of the old one."""
        return self.new.line if self.new else self.old.line

    def told(self) -> str:
        """Return in one line what was asserted and what is."""
        old = f"{self.scope} asserted `{ast.unparse(self.old.node)}`, now "
        if self.new is None:
            return old + "nothing"
        if ast.dump(self.old.node) != ast.dump(self.new.node):
            return old + f"`{ast.unparse(self.new.node)}`"
        return old + ("where its failure is not seen" if self.new.reachable else "where it is never reached")


@lru_cache(maxsize=4)
def changed(change: Change) -> tuple[Pair, ...]:
    """Return every assertion of existing test code that the patch changed or removed (moved ones left out)."""
    files = [file for file in change.test_files if file.old is not None]
    missing: list[tuple[FileChange, str, list[Claim], list[Claim]]] = []
    for file in files:
        if file.after is None or file.new is not None:
            missing += _missing(file, handed=change.touches == "tests")
    moved = _surplus(change, missing)
    return tuple(pair for file, scope, old, new in missing for pair in _pairs(file, scope, old, (new, moved)))


def _missing(file: FileChange, *, handed: bool) -> Iterator[tuple[FileChange, str, list[Claim], list[Claim]]]:
    """Yield for each scope the assertions that went and those that came.

    With `handed`, what a test is handed may differ: another fixture than one that is not there, a fixture instead of a
    call of it, a time. Only strategies that declare that they touch tests may do so.
    """
    before, after = _grouped(file.old), _grouped(file.new)
    if handed:
        before = {name: _handed(file, name, claims) for name, claims in before.items()}
        after = {name: [replace(one, node=_Handed().visit(deepcopy(one.node))) for one in claims]
                 for name, claims in after.items()}  # fmt: skip
    for name, olds in before.items():
        news = after.get(name, [])
        gone, come = _less(olds, news), _less(news, olds)
        if gone:
            yield file, name, gone, come


class _Handed(ast.NodeTransformer):
    """Leaves out the time that a call is given, and takes a bare call of a name for the name."""

    def __init__(self, names: Mapping[str, str] = MappingProxyType({}), called: frozenset[str] = frozenset()) -> None:
        self.names, self.called = names, called

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return the call without a time, or the name of the fixture that it called."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.called and not node.args and not node.keywords:
            return node.func
        node.keywords = [each for each in node.keywords if each.arg not in {"now", "today"}]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return a parameter under its new name."""
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def _handed(file: FileChange, name: str, claims: list[Claim]) -> list[Claim]:
    """Return the old assertions of a test with what it is handed now."""
    was, now = _parameters(by_name(file.old).get(name)), _parameters(by_name(file.new).get(name))
    gone, come = [each for each in was if each not in now], [each for each in now if each not in was]
    renamed = dict(zip(gone, come, strict=True)) if len(gone) == len(come) == 1 else {}
    called = frozenset(come) if not gone else frozenset()
    return [replace(one, node=_Handed(renamed, called).visit(deepcopy(one.node))) for one in claims]


def _parameters(scope: Scope | None) -> list[str]:
    node = scope.node if scope else None
    return [each.arg for each in node.args.args] if isinstance(node, Function) else []


def _grouped(tree: ast.Module | None) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for scope in scopes(tree):
        found[scope.name] += claims(scope)
    return found


def _less(some: list[Claim], others: list[Claim]) -> list[Claim]:
    left = Counter(claim.key for claim in others)
    kept = []
    for claim in some:
        left[claim.key] -= 1
        if left[claim.key] < 0:
            kept.append(claim)
    return kept


def _surplus(change: Change, missing: Iterable[tuple[FileChange, str, list[Claim], list[Claim]]]) -> Counter[Key]:
    """Return the assertions that are new anywhere in the test files, for those that only moved."""
    found: Counter[Key] = Counter()
    for file in change.test_files:
        before = _grouped(file.old)
        for name, news in _grouped(file.new).items():
            found.update(claim.key for claim in _less(news, before.get(name, [])))
    return found


def _pairs(file: FileChange, scope: str, olds: list[Claim], room: tuple[list[Claim], Counter[Key]]) -> Iterator[Pair]:
    news, moved = list(room[0]), room[1]
    for old in olds:
        if moved[old.key] > 0:
            moved[old.key] -= 1
            continue
        new = max(news, key=lambda each: _likeness(old, each), default=None)
        if new is not None:
            news.remove(new)
        yield Pair(file, scope, old, new, _how(old, new))


def _likeness(one: Claim, other: Claim) -> float:
    return SequenceMatcher(None, ast.dump(one.node), ast.dump(other.node), autojunk=False).ratio()


def _how(old: Claim, new: Claim | None) -> How:
    if new is None:
        return "gone"
    if (old.reachable and not new.reachable) or len(new.guard) > len(old.guard):
        return "weaker"
    if looser(old.node, new.node) or looser(new.node, old.node):
        return "tolerance" if looser(old.node, new.node) else "stricter"
    if (
        superclass(old.node, new.node)
        or strength(new.node) < strength(old.node)
        or _subject(old.node) != _subject(new.node)
    ):
        return "weaker"
    return "other"


def _subject(node: ast.expr) -> str:
    """Return what an assertion is about: the value under test, or the call that asserts and its first argument."""
    if isinstance(node, ast.Compare):
        return ast.dump(node.left)
    return dotted(node) if isinstance(node, ast.Call) else ast.dump(node)
