"""Ranks the places that may be at fault: spectrum-based localisation, tracebacks, what changed, what the test says.

The spectrum's score is Ochiai's coefficient (Abreu, Zoeteweij, van Gemund: "An evaluation of similarity coefficients
for software fault localization", 2006): failing runs of a line / sqrt(all failing runs * all runs of the line).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from bot.codebase import clues
from bot.codebase.repository import Codebase
from bot.codebase.spectrum import Spectrum
from bot.codebase.symbols import Symbol
from bot.model import Frame, Suspect

Place = tuple[str, int]
LIMIT = 200
OCHIAI, WHOLE, FRAME, CHANGE, SAID, NAMED, KIND = 1.0, 0.5, 0.6, 1.5, 0.25, 0.3, 0.1
"""Weights of a line's Ochiai, its function's, its place in the traceback, a change, and what the test tells of it.

A change since the last good version outweighs everything else; what the test tells decides between equals.
"""
_TEST = 0.3
_NEAR = 3


@dataclass
class _Evidence:
    """What speaks against each line, each between 0 and 1."""

    ochiai: Mapping[Place, float] = field(default_factory=dict)
    frames: Mapping[Place, float] = field(default_factory=dict)
    changes: Mapping[Place, float] = field(default_factory=dict)
    said: Mapping[str, float] = field(default_factory=dict)

    def places(self) -> set[Place]:
        return set(self.ochiai) | set(self.frames) | set(self.changes)


def rank(
    spectrum: Spectrum | None, failing: Iterable[str], codebase: Codebase, *, frames: Iterable[Frame] = ()
) -> tuple[Suspect, ...]:
    """Return up to 200 suspect lines, the likeliest first; `frames` are those of the failures, innermost last.

    Lines weigh by Ochiai (nothing without a spectrum), by the traceback and by what changed since the last good
    version; what the failing tests call and are named after decides between equals; test code counts for less.
    """
    tests, seen = tuple(failing), tuple(frames)
    evidence = _Evidence(
        ochiai=dict(ochiai(spectrum, tests)) if spectrum else {},
        frames=_frame_clues(codebase, seen),
        said=clues.mentioned(codebase, tests, seen),
    )
    evidence.changes = _change_clues(codebase, evidence)
    scored = _scored(codebase, evidence, tests)
    top = max(scored.values(), default=0.0)
    ordered = sorted((place for place in scored if scored[place] > 0), key=lambda place: (-scored[place], place))
    return tuple(_suspect(codebase, place, scored[place] / top) for place in ordered[:LIMIT])


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


def _scored(codebase: Codebase, evidence: _Evidence, tests: tuple[str, ...]) -> dict[Place, float]:
    places = [place for place in evidence.places() if place[0] in codebase.files]
    around = {place: codebase.function_at(*place) for place in places}
    whole: dict[Symbol | None, float] = {}
    for place in places:
        whole[around[place]] = max(whole.get(around[place], 0.0), evidence.ochiai.get(place, 0.0))
    apt = cache(lambda file: clues.kinds(codebase, file))

    def score(place: Place) -> float:
        function = around[place]
        total = OCHIAI * evidence.ochiai.get(place, 0.0) + WHOLE * (whole[function] if function else 0.0)
        total += FRAME * evidence.frames.get(place, 0.0) + CHANGE * evidence.changes.get(place, 0.0)
        if function and not codebase.is_test(place[0]):
            total += SAID * min(1.0, _said(evidence, function)) + NAMED * clues.named_after(function, tests)
        return (total + KIND * apt(place[0]).get(place[1], 0.0)) * (_TEST if codebase.is_test(place[0]) else 1.0)

    return {place: score(place) for place in places}


def _said(evidence: _Evidence, function: Symbol) -> float:
    """A class's name stands for its constructor, half as strongly as a method's own name for the method."""
    owner = function.qualname.rpartition(".")[0].rpartition(".")[2]
    made = evidence.said.get(owner, 0.0) / 2 if function.name in {"__init__", "__new__"} else 0.0
    return max(evidence.said.get(function.name, 0.0), made)


def _frame_clues(codebase: Codebase, frames: tuple[Frame, ...]) -> dict[Place, float]:
    """The innermost frame of the project's own code weighs 1, each frame further out a third less."""
    own = [frame for frame in frames if frame.project and frame.file in codebase.files]
    weight = 1.0
    found: dict[Place, float] = {}
    for frame in reversed([frame for frame in own if not codebase.is_test(frame.file)] or own):
        found.setdefault((frame.file, frame.line), weight)
        weight *= 2 / 3
    return found


def _change_clues(codebase: Codebase, evidence: _Evidence) -> dict[Place, float]:
    """A changed line weighs 1, a suspected line within three lines of a change or in a changed function half."""
    exact = {(file, line) for file, lines in codebase.changed.items() for line in lines if file.endswith(".py")}
    functions = {(s.file, s.qualname) for file, line in exact if (s := codebase.function_at(file, line))}
    found = dict.fromkeys(exact, 1.0)
    for file, line in evidence.places() - exact:
        around = codebase.function_at(file, line)
        near = any((file, other) in exact for other in range(line - _NEAR, line + _NEAR + 1))
        if near or (around and (file, around.qualname) in functions):
            found[file, line] = 0.5
    return found


def _suspect(codebase: Codebase, place: Place, score: float) -> Suspect:
    file, line = place
    around = codebase.function_at(file, line)
    return Suspect(file=file, function=around.qualname if around else "", line=line, score=round(score, 4))
