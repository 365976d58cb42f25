"""What libraries renamed or removed, as the tables `data/moves.toml` and `data/methods.toml` tell it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_DATA = Path(__file__).parent / "data"


@cache
def groups(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the groups of the table `moves` or `methods`: each with its library, version, source and names."""
    return tuple(tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))["group"])


@cache
def last_names() -> Mapping[str, str]:
    """Return the last part of each renamed API and method, and that of what it is called now, where they differ."""
    found: dict[str, str] = {}
    for group in (*groups("moves"), *groups("methods")):
        for old, new in group.get("names", {}).items():
            found[old.rpartition(".")[2]] = new.rpartition(".")[2]
    return MappingProxyType({old: new for old, new in found.items() if old != new and new})
