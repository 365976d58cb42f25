"""Delta debugging: the fewest of several things that still do it together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def minimal(things: tuple[T, ...], holds: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Return a subset for which `holds` is true and which can spare none of its members; `things` as a whole hold.

    The algorithm is ddmin of Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002.
    """
    parts = 2
    while len(things) > 1:
        size = -(-len(things) // parts)
        chunks = [things[at : at + size] for at in range(0, len(things), size)]
        rests = [tuple(one for one in things if one not in chunk) for chunk in chunks] if len(chunks) > 2 else []
        smaller = next((some for some in (*chunks, *rests) if holds(some)), None)
        if smaller is not None:
            parts = 2 if smaller in chunks else max(parts - 1, 2)
            things = smaller
        elif size == 1:
            break
        else:
            parts = min(2 * parts, len(things))
    return things
