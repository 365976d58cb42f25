"""Bring back the tests of a used function that a change took away.

A function lost its tests when those of the last good version that named it are gone, while it is still there and in
use. They go back to where they stood, with the imports they need; those that do not pass any more are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.repository import parse
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._bodies import first_line
from bot.strategies._imports import add
from bot.strategies._library import STANDARD

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST = 150  # lines brought back in one file
Block = ast.Module | ast.ClassDef


@dataclass(frozen=True)
class Lost:
    """Lines of the last good version, and behind which line of the text as it is they belong (0: at its top)."""

    behind: int
    lines: tuple[str, ...]


def _names(node: ast.AST) -> set[str]:
    """Return the names and attributes that a piece of code uses."""
    nodes = list(ast.walk(node))
    return {n.id for n in nodes if isinstance(n, ast.Name)} | {n.attr for n in nodes if isinstance(n, ast.Attribute)}


def _lost(old: Block, new: Block, name: str, lines: list[str]) -> Iterator[Lost]:
    """Yield the tests in one block, and in the classes in it, that named a function and are gone."""
    there = {node.name: node for node in new.body if isinstance(node, Function | ast.ClassDef)}
    behind = _head(new)
    for node in old.body:
        if not isinstance(node, Function | ast.ClassDef):
            continue
        now = there.get(node.name)
        if isinstance(node, ast.ClassDef) and isinstance(now, ast.ClassDef):
            yield from _lost(node, now, name, lines)
        elif now is None and _is_test(node) and name in _names(node):
            yield Lost(behind, tuple(lines[first_line(node) - 1 : node.end_lineno]))
        behind = (now.end_lineno or behind) if now is not None else behind


def _is_test(node: Function | ast.ClassDef) -> bool:
    return node.name.startswith("Test" if isinstance(node, ast.ClassDef) else "test")


def _head(block: Block) -> int:
    """Return the last line of what stands before the first function or class of a block."""
    ends = [0 if isinstance(block, ast.Module) else block.lineno]
    for node in block.body:
        if isinstance(node, Function | ast.ClassDef):
            break
        ends.append(node.end_lineno or node.lineno)
    return ends[-1]


def _imports(old: ast.Module, new: ast.Module, used: set[str]) -> Iterator[str]:
    """Yield the imports of the last good version that bind a used name which nothing binds any more, one name each."""
    bound = {alias.asname or alias.name for node in new.body for alias in getattr(node, "names", ())}
    bound |= {getattr(node, "name", "") for node in new.body}
    for node in old.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name).partition(".")[0] in used - bound:
                    yield ast.unparse(_only(node, alias))


def _only(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    return ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], node.level)


def _restored(path: str, name: str, codebase: Codebase) -> str | None:
    """Return a test file with its lost tests of a function, None when none is lost."""
    before, text = codebase.good[path], codebase.files.get(path)
    old = parse(before)
    if text is None:
        return before if old is not None and name in _names(old) and before.count("\n") <= MOST else None
    new = parse(text)
    if text == before or old is None or new is None:
        return None
    lost = _short(_lost(old, new, name, split_lines(before)))
    if not lost:
        return None
    used = {word for one in lost for word in _words(one)}
    lines, own = split_lines(text), frozenset(module.partition(".")[0] for module in codebase.modules)
    for behind in sorted({one.behind for one in lost}, reverse=True):
        ended = bool(behind) and not lines[behind - 1].endswith("\n")
        opens = bool(behind) and lines[behind - 1].rstrip().endswith(":")
        here = [line for one in lost if one.behind == behind for line in _spaced(one, behind=not opens)]
        lines[behind:behind] = ["\n"] * ended + here
    restored = "".join(lines)
    for statement in _imports(old, new, used):
        tree = parse(restored)
        restored = add(restored, tree, statement, own, STANDARD) if tree else restored
    return restored


def _short(lost: Iterable[Lost]) -> list[Lost]:
    """Return as many of the tests as a person reads at once, at least one."""
    kept: list[Lost] = []
    for one in lost:
        if not kept or sum(len(other.lines) for other in (*kept, one)) <= MOST:
            kept.append(one)
    return kept


def _words(one: Lost) -> set[str]:
    tree = parse("if True:\n" + "".join(f" {line}" for line in one.lines))
    return _names(tree) if tree is not None else set()


def _spaced(one: Lost, *, behind: bool) -> list[str]:
    """Return the lines with the blank ones that their depth asks for, `behind` what stands there or before it."""
    blank = ["\n"] if one.lines[0][:1].isspace() else ["\n", "\n"]
    tail = [] if one.lines[-1].endswith("\n") else ["\n"]
    return [*(blank if behind else []), *one.lines, *tail, *([] if behind else blank)]


@strategy(causes=("untested",), trust="glance", touches="tests", kind="test", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the tests that named the function in the last good version, back where they stood."""
    name = diagnosis.function.rpartition(".")[2]
    tests = [path for path in sorted(codebase.good) if path.endswith(".py") and codebase.is_test(path)]
    found = ((path, _restored(path, name, codebase)) for path in tests if name and name in codebase.good[path])
    edits = tuple(FileEdit(path=path, text=text) for path, text in found if text is not None)
    if edits:
        yield Proposal(
            strategy="restored_tests",
            title=f"Bring back the tests of {diagnosis.function}",
            edits=edits,
            confidence=0.75,
            why=f"`{diagnosis.function}` is in use, and the tests of the last good version that named it are gone.",
        )
