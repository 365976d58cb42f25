"""Names that the failures call undefined and that the file at hand really never binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._scope import Scope, unbound
from bot.strategies._sites import sites

_UNDEFINED = re2.compile(r"""[Nn]ame [`'"](\w+)[`'"] is not defined|[Uu]ndefined name [`'"](\w+)[`'"]""")


@dataclass(frozen=True)
class Undefined:
    """One undefined name in one file: every place that reads it, and what the interpreter suggests instead."""

    path: str
    name: str
    suggested: str
    uses: tuple[tuple[ast.Name, Scope], ...]


def undefined(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[Undefined]:
    """Yield each undefined name once, in the file nearest to the error that has it."""
    seen: set[str] = set()
    for site in sites(diagnosis, codebase):
        found = _UNDEFINED.search(site.message)
        name = next((group for group in found.groups() if group), "") if found else ""
        for path, _ in site.places if name and name not in seen else ():
            tree = codebase.tree(path)
            uses = tuple(use for use in unbound(tree) if use[0].id == name) if tree is not None else ()
            if uses:
                seen.add(name)
                yield Undefined(path, name, site.meant, uses)
                break
