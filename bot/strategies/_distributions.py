"""Which distribution provides an import name, told by the project first and by a table second."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from bot.codebase import Codebase
from bot.codebase.metadata import canonical

_TABLE = Path(__file__).parent / "data" / "distributions.toml"


@cache
def _tables() -> tuple[dict[str, str], frozenset[str]]:
    data = tomllib.loads(_TABLE.read_text("utf-8"))
    return data["renamed"], frozenset(data["same"]["names"].split())


def distribution_of(module: str, codebase: Codebase) -> str:
    """Return the distribution that provides a top-level import name, '' when nobody vouches for one.

    A name counts when the table knows it, or when the project already installs or declares a distribution of it.
    """
    renamed, same = _tables()
    if module in renamed:
        return renamed[module]
    if module in same:
        return module.replace("_", "-")
    name = canonical(module)
    return name if name in codebase.packages or codebase.metadata.declared(name) else ""


@cache
def known_names() -> frozenset[str]:
    """Return the normal names of all distributions in the tables."""
    renamed, same = _tables()
    return frozenset(canonical(name) for name in (*renamed.values(), *same) if name)
