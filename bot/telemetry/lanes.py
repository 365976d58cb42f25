"""Executions in the usual order of their sequence, the most of all: followed with as little work as can be.

An execution in its lane is a list: the stage it waits for, its newest time, then the start, end and duration of each
beat. When it has taken the whole order its durations join those of others, column by column, and are added up by
minute. Whatever does not fit leaves the lane: its events are dealt with one by one, as if they had never been in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from bot.telemetry.columns import letters_of, seconds_of
from bot.telemetry.flows import Flow
from bot.telemetry.normal import COMPLETED, STARTED, handler_name
from bot.telemetry.times import Times

HELD = 256  # executions of one order held before they are added up
Taken = list[Any]  # stage, newest time, then for each beat: start, end, duration in milliseconds


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
    """How an order is told, by the start and the end of each beat or by the ends alone, and who took it to its end.

    Of these the times are kept as one text, those of the starts before those of the ends, beside the durations: small
    things that live on cost more time than anything else here.
    """

    def __init__(self, order: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        self.events = [(handler, kind) for handler in order for kind in kinds]
        self.starts = len(order) if STARTED in kinds else 0
        self.ended: dict[str, tuple[str, list[float]]] = {}

    def kept(self, run: Taken, width: int) -> tuple[str, list[float]] | None:
        """Return the times and durations of an execution; None when its times are not all of the one form."""
        starts, ends, took = (run[2::3], run[3::3], run[4::3]) if self.starts else ([], run[2::2], run[3::2])
        times = "".join(starts + ends)
        return (times, took) if times[width - 1 :: width] == "Z" * len(self.events) else None

    def told(self, run: Taken) -> Iterator[Told]:
        """Yield the events that an execution told so far, in their order."""
        marks = iter(run[2:])
        for handler, kind in self.events:
            time = next(marks, None)
            if time is None:
                return
            yield Told(time, kind, handler, next(marks) if kind == COMPLETED else None)


class Lane:
    """One order of a sequence, and the executions that took the whole of it and are not added up yet."""

    def __init__(self, flow: Flow, order: tuple[str, ...], times: Times) -> None:
        self.flow, self.order = flow, order
        self._times, self._node = times, flow.usual(order)
        self._ways = tuple(Way(order, kinds) for kinds in ((STARTED, COMPLETED), (COMPLETED,)))
        self._first = tuple(Stage(self, way, 0) for way in self._ways)

    def begin(self, kind: str, handler: str) -> Stage | None:
        """Return the stage on which an execution begins with this event; None when it begins otherwise."""
        if handler != self.order[0]:
            return None
        return self._first[0] if kind == STARTED else self._first[1] if kind == COMPLETED else None

    def knows(self, execution: str) -> bool:
        """Say whether an execution is over and kept in mind, or followed outside of the lane."""
        whole, ends = self._ways
        return execution in whole.ended or execution in ends.ended or self.flow.knows(execution)

    def end(self, execution: str, run: Taken) -> bool:
        """Take an execution that took the whole order; returns False when its times are not all of the one form."""
        way: Way = run[0].way
        kept = way.kept(run, self._times.width)
        if kept is None:
            return False
        way.ended[execution] = kept
        return True

    def back(self, execution: str) -> Taken | None:
        """Give back an execution as it was before it ended, when it is not added up yet."""
        for way in self._ways:
            if execution in way.ended:
                return self._run(way, *way.ended.pop(execution))
        return None

    def full(self) -> bool:
        """Say whether it is time to add up."""
        return any(len(way.ended) >= HELD for way in self._ways)

    def settle(self) -> Iterator[tuple[str, Taken]]:
        """Add up the executions that are held; yields those with a text that is no time, which are not counted."""
        for way in self._ways:
            ended, way.ended = way.ended, {}
            if not self._added(way, ended):
                wrong = [(name, kept) for name, kept in ended.items() if not self._added(way, {name: kept})]
                yield from ((name, self._run(way, *kept)) for name, kept in wrong)

    def _added(self, way: Way, ended: dict[str, tuple[str, list[float]]]) -> bool:
        beats, width = len(self.order), self._times.width
        if not ended:
            return True
        times = letters_of("".join([text for text, _ in ended.values()]), width)
        try:
            at = seconds_of(times).reshape(len(ended), -1)
        except ValueError:
            return False
        spots = times.reshape(len(ended), -1, width)
        durations = np.fromiter(chain.from_iterable([took for _, took in ended.values()]), float).reshape(-1, beats)
        for place, handler in enumerate(self.order):
            column = at[:, way.starts + place]
            last = spots[int(column.argmax()), way.starts + place].tobytes().decode()
            self.flow.part(handler).extend(column, durations[:, place], last)
        self.flow.counted(self._node, at[:, 0], at[:, -1], len(times))
        self.flow.remember({name: text[:width] + text[-width:] for name, (text, _) in ended.items()})
        self._node.example = min(*ended, self._node.example or next(iter(ended)))
        return True

    def _run(self, way: Way, text: str, durations: list[float]) -> Taken:
        width, beats = self._times.width, len(self.order)
        times = [text[start : start + width] for start in range(0, len(text), width)]
        parts = (times[:beats], times[beats:], durations) if way.starts else (times, durations)
        return [self._first[self._ways.index(way)], times[-1], *chain.from_iterable(zip(*parts, strict=True))]


def may_have(sequence: str, order: tuple[str, ...]) -> bool:
    """Say whether an order may be a lane: names as events have them, and none twice."""
    plain = all(name and handler_name(name) == name for name in order)
    return bool(order) and plain and len(set(order)) == len(order) and sequence.strip() == sequence != ""
