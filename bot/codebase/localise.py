"""Ranks the places that may be at fault: spectrum-based localisation, tracebacks, and what changed.

The spectrum's score is Ochiai's coefficient (Abreu, Zoeteweij, van Gemund: "An evaluation of similarity coefficients
for software fault localization", 2006): failing runs of a line / sqrt(all failing runs * all runs of the line).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.codebase.repository import Codebase
from bot.codebase.spectrum import Spectrum
from bot.model import Frame, Suspect

Place = tuple[str, int]
LIMIT = 200
_FRAME, _CHANGE, _TEST = 0.25, 0.5, 0.3
_NEAR = 3


@dataclass
class _Clues:
    """What speaks against each line: Ochiai, its rank in the tracebacks, its nearness to a change (each 0 to 1)."""

    ochiai: dict[Place, float] = field(default_factory=dict)
    frames: dict[Place, float] = field(default_factory=dict)
    changes: dict[Place, float] = field(default_factory=dict)

    def places(self) -> set[Place]:
        return set(self.ochiai) | set(self.frames) | set(self.changes)


def rank(
    spectrum: Spectrum | None, failing: Iterable[str], codebase: Codebase, *, frames: Iterable[Frame] = ()
) -> tuple[Suspect, ...]:
    """Return up to 200 suspect lines, the likeliest first; `frames` are those of the failures, innermost last.

    Lines weigh by Ochiai (nothing without a spectrum); frames of the traceback and lines changed since the last good
    version add to it; test code counts for less than project code.
    """
    clues = _Clues(
        ochiai=dict(ochiai(spectrum, failing)) if spectrum else {},
        frames=_frame_clues(codebase, tuple(frames)),
    )
    clues.changes = _change_clues(codebase, clues)
    scored = [(place, _score(codebase, clues, place)) for place in clues.places() if place[0] in codebase.files]
    top = max((score for _, score in scored), default=0.0) or 1.0
    ordered = sorted(scored, key=lambda row: (-row[1], row[0]))[:LIMIT]
    return tuple(_suspect(codebase, place, score / max(top, 1.0)) for place, score in ordered if score > 0)


def ochiai(spectrum: Spectrum, failing: Iterable[str]) -> Mapping[Place, float]:
    """Return Ochiai's coefficient of every line that a failing test ran, between 0 and 1."""
    failed = frozenset(failing) & frozenset(spectrum.coverage)
    if not failed:
        return {}
    found = {}
    for file, lines in spectrum.by_line.items():
        for line, tests in lines.items():
            if hit := len(tests & failed):
                found[file, line] = hit / math.sqrt(len(failed) * len(tests))
    return found


def _score(codebase: Codebase, clues: _Clues, place: Place) -> float:
    score = clues.ochiai.get(place, 0.0)
    score += _FRAME * clues.frames.get(place, 0.0) + _CHANGE * clues.changes.get(place, 0.0)
    return score * (_TEST if codebase.is_test(place[0]) else 1.0)


def _frame_clues(codebase: Codebase, frames: tuple[Frame, ...]) -> dict[Place, float]:
    """The innermost frame of the project's own code weighs 1, each frame further out a third less."""
    own = [frame for frame in frames if frame.project and frame.file in codebase.files]
    weight = 1.0
    found: dict[Place, float] = {}
    for frame in reversed([frame for frame in own if not codebase.is_test(frame.file)] or own):
        found.setdefault((frame.file, frame.line), weight)
        weight *= 2 / 3
    return found


def _change_clues(codebase: Codebase, clues: _Clues) -> dict[Place, float]:
    """A changed line weighs 1, a suspected line within three lines of a change or in a changed function half."""
    exact = {(file, line) for file, lines in codebase.changed.items() for line in lines if file.endswith(".py")}
    functions = {(s.file, s.qualname) for file, line in exact if (s := codebase.function_at(file, line))}
    found = dict.fromkeys(exact, 1.0)
    for file, line in clues.places() - exact:
        around = codebase.function_at(file, line)
        near = any((file, other) in exact for other in range(line - _NEAR, line + _NEAR + 1))
        if near or (around and (file, around.qualname) in functions):
            found[file, line] = 0.5
    return found


def _suspect(codebase: Codebase, place: Place, score: float) -> Suspect:
    file, line = place
    around = codebase.function_at(file, line)
    return Suspect(file=file, function=around.qualname if around else "", line=line, score=round(score, 4))
