"""Ranks the places that may be at fault, by all that speaks against them (see `suspicion`)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase.repository import Codebase
from bot.codebase.spectrum import Spectrum
from bot.codebase.suspicion import Evidence, Place, Signs, ochiai
from bot.model import Frame, Suspect

__all__ = ["ochiai", "rank"]
LIMIT = 200
WEIGHTS = Signs(
    own=0.05, every=0.75, whole=0.1, frame=0.35, change=2.0, said=0.05, named=0.03, kind=0.3, parts=0.15, branch=0.1,
    only=0.05, inner=0.1, words=0.05, idle=0.7, plain=0.45, fed=0.05, few=0.35, absent=0.55, cured=1.5,
)  # fmt: skip
"""Fitted to faults injected into the libraries of `bench/injector` that are for developing, and rounded."""
_STACK = WEIGHTS._replace(frame=2.0)
"""Without coverage by test the traceback says most."""
_TEST = 0.3


def rank(
    spectrum: Spectrum | None,
    failing: Iterable[str],
    codebase: Codebase,
    *,
    stacks: Iterable[Iterable[Frame]] = (),
    messages: Iterable[str] = (),
) -> tuple[Suspect, ...]:
    """Return up to 200 suspect lines, the likeliest first.

    `stacks` are the frames of each failure, innermost last, `messages` what the failures say. Lines weigh by Ochiai
    (nothing without a spectrum), by the tracebacks and by what changed since the last good version; what the failing
    tests call and are named after decides between equals; test code counts for less.
    """
    evidence = Evidence(spectrum or Spectrum(), tuple(failing), codebase, tuple(map(tuple, stacks)), tuple(messages))
    scored = {place: _score(evidence, place) for place in evidence.places}
    top = max(scored.values(), default=0.0)
    ordered = sorted((place for place in scored if scored[place] > 0), key=lambda place: (-scored[place], place))
    return tuple(_suspect(codebase, place, scored[place] / top) for place in ordered[:LIMIT])


def _score(evidence: Evidence, place: Place) -> float:
    signs = evidence.signs(place)
    weights = WEIGHTS if evidence.spectrum.coverage else _STACK
    total = sum(weight * sign for weight, sign in zip(weights, signs, strict=True))
    return total * (_TEST if evidence.codebase.is_test(place[0]) else 1.0)


def _suspect(codebase: Codebase, place: Place, score: float) -> Suspect:
    file, line = place
    around = codebase.function_at(file, line)
    return Suspect(file=file, function=around.qualname if around else "", line=line, score=round(score, 4))
