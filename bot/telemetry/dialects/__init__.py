"""How telemetry is written: one dialect per file, each with `likeness(head)` and `events(path, dropped)`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from bot.model import TelemetryEvent


class Dialect(NamedTuple):
    """One way to write events: `likeness` is 0 (not this) to 1 (surely), `events` reads a file in order."""

    name: str
    likeness: Callable[[bytes], float]
    events: Callable[[Path, Counter[str]], Iterator[TelemetryEvent]]


@cache
def dialects() -> dict[str, Dialect]:
    """Return every dialect of this folder by its file's name."""
    found = {}
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            code = import_module(f"{__name__}.{module.name}")
            found[module.name] = Dialect(module.name, code.likeness, code.events)
    return found


def recognised(head: bytes) -> tuple[str, float]:
    """Return the dialect that is most like the beginning of a file, and how sure that is (0: none of them)."""
    likely = max(((d.likeness(head), d.name) for d in dialects().values()), default=(0.0, ""))
    return (likely[1], likely[0]) if likely[0] > 0 else ("", 0.0)
