"""A patch as the diff gate sees it: each file before and after, as text and as a syntax tree."""

from __future__ import annotations

import ast
import copy
import difflib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType

from bot.model import FileEdit, Touches
from bot.proof.comments import Comment, comments

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Refusal:
    """One thing that a patch must not do: where, and what was seen; `rule` is the name of the gate."""

    file: str
    line: int
    seen: str
    rule: str = ""

    def __str__(self) -> str:
        """Return the refusal as one line for a person."""
        return f"{self.file}:{self.line}: {self.rule}: {self.seen}"


def parsed(text: str | None) -> ast.Module | None:
    """Return the syntax tree of a Python text, or None for no text or one that does not parse."""
    if text is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _part(tree: ast.Module | None, stretches: list[tuple[int, int]]) -> ast.Module | None:
    if tree is None:
        return None
    return ast.Module(body=_touched(tree.body, stretches), type_ignores=[])


def _touched(body: list[ast.stmt], stretches: list[tuple[int, int]]) -> list[ast.stmt]:
    """Return the statements that meet a stretch, of classes only the parts that do."""
    found: list[ast.stmt] = []
    for node in body:
        if any(_meets(node, first, last) for first, last in stretches):
            found.append(_thinned(node, stretches) if isinstance(node, ast.ClassDef) else node)
    return found


def _thinned(node: ast.ClassDef, stretches: list[tuple[int, int]]) -> ast.ClassDef:
    made = copy.copy(node)
    made.body = _touched(node.body, stretches) or node.body[:1]
    return made


def _meets(node: ast.stmt, first: int, last: int) -> bool:
    """Return whether a statement holds or borders on the lines with index `first` up to, not including, `last`."""
    start = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]) - 1
    return start <= last and first <= (node.end_lineno or node.lineno)


@dataclass(frozen=True, eq=False)
class FileChange:
    """One file of a patch; `before` is None for a new file, `after` for a deleted one, `good` its last good version."""

    path: str
    before: str | None
    after: str | None
    is_test: bool = False
    good: str = ""

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return PurePosixPath(self.path).name

    @property
    def is_python(self) -> bool:
        """Return whether the file is Python source or a stub."""
        return self.path.endswith((".py", ".pyi"))

    @cached_property
    def old(self) -> ast.Module | None:
        """Return the syntax tree before, None when there was none or it did not parse."""
        return parsed(self.before) if self.is_python else None

    @cached_property
    def new(self) -> ast.Module | None:
        """Return the syntax tree after, None when there is none or it does not parse."""
        return parsed(self.after) if self.is_python else None

    @cached_property
    def old_part(self) -> ast.Module | None:
        """Return the tree before without the statements of the module that no edit touches."""
        return _part(self.old, [(first, last) for first, last, _, _ in self._hunks])

    @cached_property
    def new_part(self) -> ast.Module | None:
        """Return the tree after without the statements of the module that no edit touches."""
        return _part(self.new, [(first, last) for _, _, first, last in self._hunks])

    @cached_property
    def added(self) -> tuple[tuple[int, str], ...]:
        """Return the lines that are new, each with its number in the file after."""
        return tuple((number, text) for sign, number, text in self._lines if sign == "+")

    @cached_property
    def removed(self) -> tuple[tuple[int, str], ...]:
        """Return the lines that went, each with its number in the file before."""
        return tuple((number, text) for sign, number, text in self._lines if sign == "-")

    @cached_property
    def _lines(self) -> tuple[tuple[str, int, str], ...]:
        old, new = (self.before or "").splitlines(), (self.after or "").splitlines()
        found: list[tuple[str, int, str]] = []
        for a, b, c, d in self._hunks:
            found += [("-", i + 1, old[i]) for i in range(a, b)]
            found += [("+", i + 1, new[i]) for i in range(c, d)]
        return tuple(found)

    @cached_property
    def _hunks(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return the differing stretches as line indices (old from, old to, new from, new to)."""
        old, new = (self.before or "").splitlines(), (self.after or "").splitlines()
        head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        most = min(len(old), len(new)) - head
        tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
        matcher = difflib.SequenceMatcher(
            None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
        )
        found = (each for each in matcher.get_opcodes() if each[0] != "equal")
        return tuple((a + head, b + head, c + head, d + head) for _, a, b, c, d in found)

    @cached_property
    def new_comments(self) -> tuple[Comment, ...]:
        """Return the comments of the file after that were not in it before, whatever line they moved to."""
        if not any("#" in text for _, text in self.added):
            return ()
        known = Counter(comment.text for comment in comments(self.before or ""))
        found = []
        for comment in comments(self.after or ""):
            known[comment.text] -= 1
            if known[comment.text] < 0:
                found.append(comment)
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Change:
    """A whole patch and what it may do: paths, sizes, what its strategy declared, what the cause asks for.

    `asked` are the distributions that the cause calls for, `tests` the test files that show the cause, `is_static`
    tells that the cause is a finding of a linter or formatter, `is_documentation` that it is stale documentation.
    """

    files: tuple[FileChange, ...]
    touches: Touches = "code"
    allow: tuple[str, ...] = ("**",)
    deny: tuple[str, ...] = ()
    max_files: int = 10
    max_lines: int = 300
    diff: str = ""
    asked: frozenset[str] = frozenset()
    tests: Mapping[str, str] = field(default_factory=dict)
    is_static: bool = False
    is_documentation: bool = False

    @property
    def python(self) -> tuple[FileChange, ...]:
        """Return the Python files that still exist and parse."""
        return tuple(file for file in self.files if file.new is not None)

    @property
    def product(self) -> tuple[FileChange, ...]:
        """Return the Python files that are no test code."""
        return tuple(file for file in self.python if not file.is_test)

    @property
    def test_files(self) -> tuple[FileChange, ...]:
        """Return the Python files that are test code, deleted ones included."""
        return tuple(file for file in self.files if file.is_test and file.is_python)


def file_changes(
    edits: Iterable[FileEdit],
    before: Mapping[str, str],
    is_test: Callable[[str], bool],
    good: Mapping[str, str] = NOTHING,
) -> tuple[FileChange, ...]:
    """Return the edits as changes against the files `before`, those that change nothing left out."""
    found = (
        FileChange(edit.path, before.get(edit.path), edit.text, is_test(edit.path), good.get(edit.path, ""))
        for edit in edits
    )
    return tuple(change for change in found if change.before != change.after)
