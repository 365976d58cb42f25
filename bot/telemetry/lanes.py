"""Executions in the usual order of their sequence, the most of all: followed with as little work as can be.

An execution in its lane is a list: the stage it waits for, then the time of each event. A beat's duration is counted
when the beat ends. Nothing but its first and its last time is kept of an execution that took the whole order: what
lives on costs more time than anything else here. One that leaves the order leaves the lane with the events it told.
"""

from __future__ import annotations

from typing import Any

from bot.telemetry.columns import letters_of, seconds_of
from bot.telemetry.flows import Flow
from bot.telemetry.normal import COMPLETED, STARTED, handler_name
from bot.telemetry.times import Times

HELD = 256  # executions of one order held before their times are added up
Taken = list[Any]  # stage, then the time of each event


class Stage:
    """The event that comes next on a way: its kind and handler with its sums, whether it ends a beat, what follows."""

    __slots__ = ("handler", "kind", "lane", "next", "part", "sequence", "timed", "way")

    def __init__(self, lane: Lane, way: Way, place: int) -> None:
        self.lane, self.way, self.sequence = lane, way, lane.flow.name
        self.handler, self.kind = way.events[place]
        self.part = lane.flow.part(self.handler)
        self.timed = self.kind == COMPLETED
        self.next: Stage | None = Stage(lane, way, place + 1) if place + 1 < len(way.events) else None


class Way:
    """How an order is told: by the start and the end of each beat, or by the ends alone.

    `events` are the handlers and kinds in their order, `nodes` where an execution is in the tree of orders after each.
    """

    def __init__(self, flow: Flow, order: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        self.events = [(handler, kind) for handler in order for kind in kinds]
        self.nodes = [flow.at(order[: place // len(kinds) + 1]) for place in range(len(self.events))]


class Lane:
    """One order of a sequence, and the executions that took the whole of it and are not added up yet."""

    def __init__(self, flow: Flow, order: tuple[str, ...], times: Times) -> None:
        self.flow, self.order, self.head = flow, order, order[0]
        self._times, self._node = times, flow.usual(order)
        ways = {kinds[0]: Way(flow, order, kinds) for kinds in ((STARTED, COMPLETED), (COMPLETED,))}
        self.first = {kind: Stage(self, way, 0) for kind, way in ways.items() if len(way.events) > 1}
        self._names: list[str] = []
        self._spans: list[str] = []  # the first and the last time of each, put together
        self._events = 0

    def end(self, execution: str, run: Taken, last: str) -> None:
        """Take an execution that took the whole order; `last` is the time of its last event, which is not in `run`."""
        span = run[1] + last
        self.flow.remember(execution, span)
        self._names.append(execution)
        self._spans.append(span)
        self._events += len(run)
        if len(self._spans) >= HELD:
            self.settle()

    def settle(self) -> None:
        """Add up the executions that are held."""
        if not self._spans:
            return
        at = seconds_of(letters_of("".join(self._spans), self._times.width)).reshape(-1, 2)
        self.flow.counted(self._node, at[:, 0], at[:, 1], self._events)
        self._node.example = min(*self._names, self._node.example or self._names[0])
        self._names, self._spans, self._events = [], [], 0


def may_have(sequence: str, order: tuple[str, ...]) -> bool:
    """Say whether an order may be a lane: names as events have them, and none twice."""
    plain = all(name and handler_name(name) == name for name in order)
    return bool(order) and plain and len(set(order)) == len(order) and sequence.strip() == sequence != ""
