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
    """The event that comes next on an order: its kind and handler, whether it has a duration, and what follows."""

    __slots__ = ("handler", "kind", "lane", "next", "sequence", "timed")

    def __init__(self, lane: Lane, place: int, *, timed: bool = False) -> None:
        self.lane, self.sequence, self.handler = lane, lane.flow.name, lane.order[place]
        self.kind, self.timed = COMPLETED if timed else STARTED, timed
        self.next: Stage | None = None
        if not timed:
            self.next = Stage(lane, place, timed=True)
        elif place + 1 < len(lane.order):
            self.next = Stage(lane, place + 1)


class Lane:
    """One order of a sequence, and the executions that took the whole of it and are not added up yet.

    Of these the times are kept as one text, those of the starts before those of the ends, beside the durations: small
    things that live on cost more time than anything else here.
    """

    def __init__(self, flow: Flow, order: tuple[str, ...], times: Times) -> None:
        self.flow, self.order = flow, order
        self.first = Stage(self, 0)
        self._times, self._node = times, flow.usual(order)
        self._ended: dict[str, tuple[str, list[float]]] = {}

    def knows(self, execution: str) -> bool:
        """Say whether an execution is over and kept in mind, or followed outside of the lane."""
        return execution in self._ended or self.flow.knows(execution)

    def end(self, execution: str, run: Taken) -> bool:
        """Take an execution that took the whole order; returns False when its times are not all of the one form."""
        starts, ends, width = run[2::3], run[3::3], self._times.width
        times = "".join(starts + ends)
        if times[width - 1 :: width] != "Z" * (2 * len(ends)):
            return False
        self._ended[execution] = (times, run[4::3])
        return True

    def back(self, execution: str) -> Taken | None:
        """Give back an execution as it was before it ended, when it is not added up yet."""
        held = self._ended.pop(execution, None)
        return None if held is None else self._run(*held)

    def full(self) -> bool:
        """Say whether it is time to add up."""
        return len(self._ended) >= HELD

    def settle(self) -> list[tuple[str, Taken]]:
        """Add up the executions that are held; returns those with a text that is no time, which are not counted."""
        ended, self._ended = self._ended, {}
        if self._added(ended):
            return []
        return [(name, self._run(*held)) for name, held in ended.items() if not self._added({name: held})]

    def _added(self, ended: dict[str, tuple[str, list[float]]]) -> bool:
        beats, width = len(self.order), self._times.width
        if not ended:
            return True
        times = letters_of("".join(text for text, _ in ended.values()), width)
        try:
            at = seconds_of(times).reshape(-1, 2 * beats)
        except ValueError:
            return False
        spots = times.reshape(len(ended), -1, width)
        durations = np.fromiter(chain.from_iterable(took for _, took in ended.values()), float).reshape(-1, beats)
        for place, handler in enumerate(self.order):
            column = at[:, beats + place]
            last = spots[int(column.argmax()), beats + place].tobytes().decode()
            self.flow.part(handler).extend(column, durations[:, place], last)
        self.flow.counted(self._node, at[:, 0], at[:, -1], len(times))
        self.flow.remember({name: text[:width] + text[-width:] for name, (text, _) in ended.items()})
        self._node.example = min(*ended, self._node.example or next(iter(ended)))
        return True

    def _run(self, text: str, durations: list[float]) -> Taken:
        width, beats = self._times.width, len(self.order)
        times = [text[start : start + width] for start in range(0, len(text), width)]
        steps = zip(times[:beats], times[beats:], durations, strict=True)
        return [self.first, times[-1], *(one for step in steps for one in step)]


def told(run: Taken, order: tuple[str, ...]) -> Iterator[Told]:
    """Yield the events of an execution that leaves its lane, in their order."""
    marks = run[2:]
    for place in range(0, len(marks), 3):
        yield Told(marks[place], STARTED, order[place // 3])
        if place + 1 < len(marks):
            yield Told(marks[place + 1], COMPLETED, order[place // 3], marks[place + 2])


def may_have(sequence: str, order: tuple[str, ...]) -> bool:
    """Say whether an order may be a lane: names as events have them, and none twice."""
    plain = all(name and handler_name(name) == name for name in order)
    return bool(order) and plain and len(set(order)) == len(order) and sequence.strip() == sequence != ""
