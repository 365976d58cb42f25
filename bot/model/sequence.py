"""Sequences as data: what the conductor plays, and what users declare for their own code."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.base import Value

BeatKind = Literal["pure", "stage-crew"]
Timing = Literal["immediate", "after-beat", "async"]


class Beat(Value):
    """One step: the event it emits, the handler it calls, and what may differ when order is checked."""

    beat: int = Field(ge=1)
    event: str = Field(min_length=1)
    title: str = ""
    handler: str = Field(min_length=1)
    kind: BeatKind
    timing: Timing
    expected_ms: float | None = Field(default=None, gt=0)
    optional: bool = False
    parallel: bool = False


class Movement(Value):
    """A named group of beats that belong together."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    description: str = ""
    beats: tuple[Beat, ...] = Field(min_length=1)


class Sequence(Value):
    """A sequence file; the beats of its movements, one after the other, are the declared order."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    description: str = ""
    movements: tuple[Movement, ...] = Field(min_length=1)

    @property
    def beats(self) -> tuple[Beat, ...]:
        """Return all beats in order."""
        return tuple(beat for movement in self.movements for beat in movement.beats)
