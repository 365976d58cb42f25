"""The levels that this machine offers."""

from __future__ import annotations

import shutil

from bot.adapters.sandbox import candidates
from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_bubblewrap import Bubblewrap
from bot.adapters.sandbox_landlock import Landlock
from bot.adapters.sandbox_probes import probe
from bot.adapters.sandbox_profile import Shape
from bot.adapters.sandbox_trusted import Trusted

CONFINED = ("bubblewrap", "bubblewrap-noproc", "landlock")


def make(level: str) -> BaseSandbox:
    """Return the sandbox of a level by name."""
    if level == "trusted":
        return Trusted()
    if level == "landlock":
        return Landlock()
    return Bubblewrap(shutil.which("bwrap") or "bwrap", Shape(proc=level == "bubblewrap"))


def offered() -> tuple[str, ...]:
    """Return the confining levels that can be tried here, strongest first."""
    names = {entry.level for entry in candidates() if not isinstance(entry, str)}
    return tuple(level for level in CONFINED if level in names and not refused(level))


def refused(level: str) -> str:
    """Return why this machine can't run a program at a level, or an empty text."""
    done = probe(make(level))
    return done[0].seen if len(done) == 1 else ""


def missing() -> tuple[str, ...]:
    """Return what can't be measured here, with the reasons."""
    entries = tuple(candidates())
    names = dict.fromkeys(entry.level for entry in entries if not isinstance(entry, str))
    tried = ((level, refused(level)) for level in names)
    return (*(entry for entry in entries if isinstance(entry, str)), *(f"{a}: {b}" for a, b in tried if b))
