"""Executions that are over: counted by the order they took, each order judged once.

An execution that the beginning or the end of a log may have cut off is neither clean nor wrong: its events are kept,
so that another file that holds the rest can complete it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from bot.model import Sequence
from bot.telemetry.flows import IDLE, Flow, Node, Run, Tangle, order_of
from bot.telemetry.following import WATERMARK, Step, executed
from bot.telemetry.orders import departure
from bot.telemetry.partials import Partial, SequencePart
from bot.telemetry.times import Times, of_seconds
from bot.telemetry.timestamps import LATEST

OPEN = 100_000  # executions followed at once
SETTLE = 8  # calls of `sweep` after which samples are turned into sketches
CUT_OFF = "cut off by an end of the log"


class Closing:
    """Closes executions of one collector and puts what they come to into its sums."""

    def __init__(self, partial: Partial, times: Times, declared: Mapping[str, Sequence]) -> None:
        self._partial, self._times, self._declared = partial, times, declared
        self._swept, self._calls, self._crowded = 0.0, 0, False
        self._oldest, self._newest = LATEST, ""

    def due(self, flows: Mapping[str, Flow], others: int, time: str) -> str:
        """Return the time up to which silent executions are over now, 15 minutes before `time`; '' when not yet.

        `others` are executions followed besides those of `flows`.
        """
        self._calls += 1
        if self._calls % SETTLE == 0:
            for part in self._partial.handlers.values():
                part.settle()
            self._partial.bound()
        self._newest = max(self._newest, time)
        now = self._times.seconds(self._newest)
        self._crowded = others + sum(len(flow.open) for flow in flows.values()) > OPEN
        if now - self._swept < WATERMARK / 4 and not self._crowded:
            return ""
        self._swept = now
        return of_seconds(now - WATERMARK)

    def spans(self, first: str | None, last: str | None) -> None:
        """Say when the log begins and ends, where that is not at the first and the last event that was taken."""
        self._oldest = self._times.seconds(first) if first else LATEST
        self._newest = max(self._newest, last or "")

    def sweep(self, flows: Mapping[str, Flow], silent: str) -> None:
        """Close executions without an event since `silent`, and the older half when there are too many."""
        for flow in flows.values():
            old = [key for key, run in flow.open.items() if run.last < silent]
            for key in old or (list(flow.open)[: len(flow.open) // 2] if self._crowded else ()):
                self._close(flow, key)

    def finish(self, flows: Mapping[str, Flow]) -> None:
        """Close everything, and put the orders of every flow into the sums."""
        still = [run for flow in flows.values() for run in flow.open.values()]
        lasts = [part.last for part in self._partial.handlers.values()]
        self._oldest = min([self._oldest, *(flow.oldest for flow in flows.values())])
        self._newest = max([self._newest, *(run.last for run in still), *lasts])
        for flow in flows.values():
            usual, longest = _usual(flow, self._times)
            for key in list(flow.open):
                run = flow.open[key]
                if flow.name and not run.failed and self._may_be_cut(run, usual, longest):
                    self._partial.cut[(flow.name, key)] = run.events()
                    del flow.open[key]
                else:
                    self._close(flow, key)
            if flow.name:
                self._judge(flow)
        for name, part in self._partial.handlers.items():
            self._fail(name, part.last, part.pending)
            part.pending = 0
            part.settle()

    def _may_be_cut(self, run: Run | Tangle, usual: tuple[str, ...], longest: float) -> bool:
        """Say whether an execution lies at an end of the log and is a part of the usual order that ends there."""
        order = order_of(run.events())
        at_start = run.began - self._oldest <= longest
        at_end = self._times.seconds(self._newest) - self._times.seconds(run.last) <= longest
        if not longest or not (at_start or at_end) or order == usual:
            return False
        spots = [i for i in range(len(usual) - len(order) + 1) if usual[i : i + len(order)] == order]
        return any((i == 0 or at_start) and (i + len(order) == len(usual) or at_end) for i in spots)

    def _close(self, flow: Flow, execution: str) -> None:
        run = flow.open.pop(execution)
        node = run.node if isinstance(run, Run) else flow.at(order_of(run.events()))
        for name, count in run.unfinished().items():
            self._fail(name, run.last, count)
        flow.count(node, execution, self._times.seconds(run.last) - run.began, failed=run.failed)

    def _fail(self, handler: str, time: str, count: int) -> None:
        """Count executions that reported an error and no end."""
        for _ in range(count):
            step = Step(time, self._times.seconds(time), self._times.minute(time[:16]), handler, "")
            executed(self._partial.handler(handler), step, failed=True)

    def _judge(self, flow: Flow) -> None:
        part, declared = self._partial.sequence(flow.name), self._declared.get(flow.name)
        part.total_ms += flow.seconds * 1e3
        part.longest = max(part.longest, flow.longest)
        for node in sorted(flow.ends(), key=Node.path):
            judge(part, declared, Taken(node.path(), node.clean, node.failed, node.example))


class Taken(NamedTuple):
    """How many executions took an order without and with an error, and the name of one of them."""

    order: tuple[str, ...]
    clean: int = 0
    failed: int = 0
    example: str = ""


def judge(part: SequencePart, declared: Sequence | None, taken: Taken) -> None:
    """Count executions of one order, and how many of them depart from the declared one."""
    part.count += taken.clean + taken.failed
    part.failed += taken.failed
    if taken.clean:
        part.order(taken.order, taken.clean)
    for count, broke in ((taken.clean, False), (taken.failed, True)):
        wrong = departure(declared, taken.order, failed=broke, execution=taken.example) if declared and count else None
        if wrong is not None:
            part.violations += count
            part.example(wrong)


def settled(partial: Partial, declared: Mapping[str, Sequence]) -> None:
    """Judge what the ends of logs cut off: with all parts at hand it is complete, or counts as unknown."""
    for (name, _), events in sorted(partial.cut.items()):
        part, order = partial.sequence(name), order_of(events)
        known = departure(declared[name], order, failed=False) is None if name in declared else order in part.orders
        if known:
            judge(part, declared.get(name), Taken(order, clean=1))
        else:
            partial.dropped[CUT_OFF] += 1
    partial.cut.clear()


def _usual(flow: Flow, times: Times) -> tuple[tuple[str, ...], float]:
    """Return the order that most executions take (the declared one, if there is one) and the longest time it took."""
    counts: Counter[tuple[str, ...]] = Counter({node.path(): node.clean for node in flow.ends() if node.clean})
    idle = [run for run in flow.open.values() if isinstance(run, Run) and run.phase == IDLE and not run.failed]
    counts.update(run.node.path() for run in idle)
    usual = max(counts, key=lambda order: (counts[order], len(order)), default=())
    took = [times.seconds(run.last) - run.began for run in idle if run.node.path() == usual]
    return usual, max([flow.longest, *took])
