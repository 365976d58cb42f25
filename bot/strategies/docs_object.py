"""Correct the name of a module, class or function that the documentation describes or refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._prose import complaints, pages
from bot.strategies._text import edit

_NOT_IMPORTED = re2.compile(
    r"failed to import (?:\w+ )?'([\w.]+)'(?: from module '([\w.]+)')?|failed to import ([\w.]+)$"
)
_NOT_FOUND = re2.compile(r"py:\w+ reference target not found: ([\w.]+)")


def _objects(codebase: Codebase) -> Iterator[str]:
    """Yield the dotted names of all modules of the project, and of what they hold."""
    for module, path in codebase.modules.items():
        if not codebase.is_test(path):
            yield module
            yield from (f"{module}.{symbol.qualname}" for symbol in codebase.symbols(path))


def _known(codebase: Codebase) -> frozenset[str]:
    """Return the dotted names as Python imports them: what lies in `src/` is imported without it."""
    return frozenset(name.removeprefix("src.") for name in _objects(codebase))


def _meant(wrong: str, known: frozenset[str]) -> str:
    """Return the one name that differs from `wrong` in its last part only, or that ends alike elsewhere; or ''."""
    if wrong in known:
        return ""
    parent, _, last = wrong.rpartition(".")
    beside = {name for name in known if name.rpartition(".")[0] == parent}
    near = nearest(last, {name.rpartition(".")[2] for name in beside})
    if near:
        return f"{parent}.{near[0]}" if parent else near[0]
    top, tail = wrong.partition(".")[0], f".{last}"
    moved = [name for name in known if name.endswith(tail) and name.partition(".")[0] == top]
    return moved[0] if len(moved) == 1 else ""


def _wrong(message: str) -> Iterator[str]:
    for name, module, plain in _NOT_IMPORTED.findall(message):
        yield plain or (f"{module}.{name}" if module else name)
    yield from _NOT_FOUND.findall(message)


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each dotted name that the project does not have and that one real name is near to."""
    known: frozenset[str] = frozenset()
    for complaint in complaints(diagnosis, codebase):
        for wrong in _wrong(complaint.message):
            known = known or _known(codebase)
            meant = _meant(wrong, known)
            word = re2.compile(rf"(^|[^\w.]){re2.escape(wrong)}($|[^\w])")
            for path in (complaint.path,) if complaint.path else pages(codebase):
                text = codebase.text(path)
                edits = edit(path, text, str(word.sub(rf"\1{meant}\2", text))) if meant else ()
                if edits:
                    yield Proposal(
                        strategy="docs_object",
                        title=f"Correct {wrong} to {meant} in {PurePosixPath(path).name}",
                        edits=edits,
                        confidence=0.86,
                        why=f"the project has no `{wrong}`; `{meant}` is the only name that near.",
                    )
                    break
