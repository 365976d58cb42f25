"""Executions in the usual order of their sequence, the most of all: followed with as little work as can be.

An execution in its lane is a list: the stage it waits for, its durations so far, then the time of each event. Nothing
of it is kept when it has taken the whole order but durations, its first and its last time: what lives on costs more
time than anything else here. Whatever does not fit leaves the lane: its events are dealt with one by one, as if they
had never been in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.telemetry.columns import letters_of, seconds_of
from bot.telemetry.flows import Flow
from bot.telemetry.normal import COMPLETED, STARTED, handler_name
from bot.telemetry.times import Times

ROWS = 512  # durations held before they are put where they belong
HELD = 256  # executions of one order held before their times are added up
OVERLAPPING = 16  # executions of one order of which any may have the newest time of a handler
Taken = list[Any]  # stage, durations of the beats so far in milliseconds, then the time of each event


class Told(NamedTuple):
    """One event of an execution that left its lane; `duration` in milliseconds."""

    time: str
    kind: str
    handler: str
    duration: float | None = None


class Stage:
    """The event that comes next on a way: its kind and handler, whether it has a duration, and what follows."""

    __slots__ = ("handler", "kind", "lane", "next", "sequence", "timed", "way")

    def __init__(self, lane: Lane, way: Way, place: int) -> None:
        self.lane, self.way, self.sequence = lane, way, lane.flow.name
        self.handler, self.kind = way.events[place]
        self.timed = self.kind == COMPLETED
        self.next: Stage | None = Stage(lane, way, place + 1) if place + 1 < len(way.events) else None


class Way:
    """How an order is told: by the start and the end of each beat, or by the ends alone; `step` is events to a beat."""

    def __init__(self, order: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        self.events = [(handler, kind) for handler in order for kind in kinds]
        self.step = len(kinds)

    def told(self, run: Taken) -> Iterator[Told]:
        """Yield the events that an execution told so far, in the order of their coming."""
        durations = iter(run[1])
        for time, (handler, kind) in zip(run[2:], self.events, strict=False):
            yield Told(time, kind, handler, next(durations) if kind == COMPLETED else None)


class Lane:
    """One order of a sequence, and the executions that took the whole of it and are not added up yet."""

    def __init__(self, flow: Flow, order: tuple[str, ...], times: Times) -> None:
        self.flow, self.order, self.head = flow, order, order[0]
        self._times, self._node = times, flow.usual(order)
        ways = {kinds[0]: Way(order, kinds) for kinds in ((STARTED, COMPLETED), (COMPLETED,))}
        self.first = {kind: Stage(self, way, 0) for kind, way in ways.items() if len(way.events) > 1}
        self._low = self._high = ""  # the minute of the durations in `_rows`, beat after beat of one execution
        self._rows: list[float] = []
        self._names: list[str] = []
        self._spans: list[str] = []  # the first and the last time of each, put together
        self._events = 0
        self._newest: list[list[str]] = []  # when the beats ended, of executions that may have ended one last
        self._top = ""

    def end(self, execution: str, run: Taken) -> bool:
        """Take an execution that took the whole order; returns False when its times are not in their order."""
        times, durations = run[2:], run[1]
        if times != sorted(times):
            return False
        first, last = times[0], times[-1]
        ends = times[1::2] if run[0].way.step > 1 else times
        if (self._low <= first and last < self._high) or self._turned(first, last):
            self._rows += durations
            if len(self._rows) >= ROWS:
                self._put()
        else:
            self._apart(ends, durations)
        if first < self._top:
            self._newest.append(ends)
        else:  # all that ended before this one began are older in each handler
            self._newest = [ends]
        self._top = max(self._top, last)
        span = first + last
        self.flow.remember(execution, span)
        self._names.append(execution)
        self._spans.append(span)
        self._events += len(times)
        if len(self._spans) >= HELD:
            self.settle()
        elif len(self._newest) > OVERLAPPING:
            self._newest = [self._latest()]
        return True

    def settle(self) -> None:
        """Add up the executions that are held."""
        if not self._spans:
            return
        self._put()
        at = seconds_of(letters_of("".join(self._spans), self._times.width)).reshape(-1, 2)
        self.flow.counted(self._node, at[:, 0], at[:, 1], self._events)
        for handler, last in zip(self.order, self._latest(), strict=True):
            part = self.flow.part(handler)
            part.last = max(part.last, last)
        self._node.example = min(*self._names, self._node.example or self._names[0])
        self._names, self._spans, self._newest, self._events = [], [], [], 0

    def _turned(self, first: str, last: str) -> bool:
        """Begin another minute where an execution lies in one that is newer than the one before."""
        minute = first[:16]
        if last[:16] != minute or first < self._low:
            return False
        self._put()
        self._low, self._high = minute, f"{minute}:6"
        return True

    def _put(self) -> None:
        if self._rows:
            start, beats = self._times.minute(self._low), len(self.order)
            for place, handler in enumerate(self.order):
                self.flow.part(handler).put(start, self._rows[place::beats])
            del self._rows[:]

    def _apart(self, ends: list[str], durations: list[float]) -> None:
        """Put the durations of an execution where they belong that does not lie in the newest minute."""
        for handler, end, duration in zip(self.order, ends, durations, strict=True):
            minute = end[:16]
            self.flow.part(handler).turn(f"{minute}:00", self._times.minute(minute)).samples.append(duration)

    def _latest(self) -> list[str]:
        return [max(column) for column in zip(*self._newest, strict=True)]


def newest(run: Taken) -> str:
    """Return the newest time of an execution in its lane."""
    return str(max(run[2:]))


def may_have(sequence: str, order: tuple[str, ...]) -> bool:
    """Say whether an order may be a lane: names as events have them, and none twice."""
    plain = all(name and handler_name(name) == name for name in order)
    return bool(order) and plain and len(set(order)) == len(order) and sequence.strip() == sequence != ""
