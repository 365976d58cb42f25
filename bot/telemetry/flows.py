"""Executions of one sequence, followed event by event; every order seen is a path in a tree and is judged once.

The usual case costs little: an event in its turn moves its execution one step along the tree. Anything else (late,
doubled, overlapping) makes that execution a list of its events, which is sorted by time when it is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from bot.telemetry.columns import Seconds
from bot.telemetry.normal import COMPLETED, ERROR, STARTED
from bot.telemetry.partials import Event, HandlerPart, Partial
from bot.telemetry.times import Times
from bot.telemetry.timestamps import LATEST

IDLE, BUSY, FAILING = 0, 1, 2  # between beats; in one; in one that reported an error
LONGEST = 5_000  # events of one execution followed; a longer one is no sequence
NODES = 20_000  # steps of the tree of one sequence; beyond that an order is cut short
LEARNED = 32  # executions from which the usual order of a sequence is learned when it is not declared
DONE = 1_000  # completed executions of a sequence remembered, so that a late duplicate is known as one


class Node:
    """One step of an order: the handler, what led to it, and how many executions ended here."""

    __slots__ = ("children", "clean", "end", "example", "failed", "handler", "parent", "part")

    def __init__(self, handler: str, parent: Node | None, part: HandlerPart) -> None:
        self.handler, self.parent, self.part = handler, parent, part
        self.children: dict[str, Node] = {}
        self.end = False
        self.clean = 0
        self.failed = 0
        self.example = ""

    def path(self) -> tuple[str, ...]:
        """Return the order that ends here."""
        names: list[str] = []
        node = self
        while node.parent is not None:
            names.append(node.handler)
            node = node.parent
        return tuple(reversed(names))


class Run:
    """One execution in its usual course: where it is in the tree, what it does, and its events.

    `began` and (once it is complete) `ended` are in UTC seconds since 1970, `last` is the newest time. `marks` holds
    the events (time, handler, kind).
    """

    __slots__ = ("began", "ended", "failed", "last", "marks", "node", "phase")

    def __init__(self, node: Node, time: str, began: float) -> None:
        self.node = node
        self.phase = IDLE
        self.began = self.ended = began
        self.last = time
        self.marks: list[tuple[str, str, str]] = []
        self.failed = False

    def events(self) -> list[Event]:
        """Return the events again, as (time, arrival, handler, kind)."""
        return [(time, number, handler, kind) for number, (time, handler, kind) in enumerate(self.marks)]

    def unfinished(self) -> Counter[str]:
        """Return the handlers that reported an error and no end, each with how often."""
        return Counter({self.node.handler: 1} if self.phase == FAILING else {})


@dataclass
class Tangle:
    """One execution out of its usual course: its events, and its beats begun (`running`) and failing (`pending`).

    `began` is in UTC seconds since 1970, `last` the newest time.
    """

    seen: list[Event] = field(default_factory=list)
    known: set[tuple[str, str, str]] = field(default_factory=set)
    running: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)
    began: float = 0.0
    last: str = ""
    failed: bool = False

    def add(self, time: str, handler: str, kind: str) -> bool:
        """Add an event and return True; False when it is there already."""
        if (time, handler, kind) in self.known:
            return False
        if len(self.seen) < LONGEST:
            self.seen.append((time, len(self.seen), handler, kind))
            self.known.add((time, handler, kind))
        self.last = max(self.last, time)
        return True

    def events(self) -> list[Event]:
        """Return the events as (time, arrival, handler, kind)."""
        return self.seen

    def unfinished(self) -> Counter[str]:
        """Return the handlers that reported an error and no end, each with how often."""
        return +self.pending


def order_of(events: Iterable[Event]) -> tuple[str, ...]:
    """Return the handlers in the order in which they started; one that only reports its end stands at its end."""
    names: list[str] = []
    running: Counter[str] = Counter()
    for _, _, name, kind in sorted(events):
        if kind == STARTED:
            running[name] += 1
            names.append(name)
        elif running[name] > 0:
            running[name] -= kind == COMPLETED
        elif kind == COMPLETED or names[-1:] != [name]:
            names.append(name)
    return tuple(names)


class Flow:
    """One sequence: the tree of its orders, the executions that are followed, and the newest of those completed.

    `seconds` is the time of all executions that are over, `longest` that of the longest clean one, `oldest` when the
    first of all began (UTC seconds since 1970).
    """

    def __init__(self, name: str, order: tuple[str, ...], partial: Partial, times: Times) -> None:
        self.name, self._times = name, times
        self.root = Node("", None, HandlerPart())
        self.open: dict[str, Run | Tangle] = {}
        self._done: dict[str, str | Run] = {}  # completed ones kept in mind
        self._before: dict[str, str | Run] = {}  # and those before them
        self._usual = self.root
        self.declared = bool(order)
        self.reopened = False  # whether a completed execution went on
        self.seconds = 0.0
        self.longest = 0.0
        self.oldest = LATEST
        self.partial = partial
        self._nodes = 0
        self._unnamed = 0
        if order:
            self.at(order).end = True

    def part(self, handler: str) -> HandlerPart:
        """Return the sums of a handler."""
        return self.partial.handler(handler)

    def child(self, node: Node, handler: str) -> Node:
        """Return the step to `handler` after `node`, making it if need be; the node itself when the tree is full."""
        found = node.children.get(handler)
        if found is None:
            if self._nodes >= NODES:
                return node
            self._nodes += 1
            found = node.children[handler] = Node(handler, node, self.part(handler))
        return found

    def at(self, order: Iterable[str]) -> Node:
        """Return the node of an order."""
        node = self.root
        for handler in order:
            node = self.child(node, handler)
        return node

    def unnamed(self, handler: str, kind: str) -> str:
        """Name the execution of an event without one: a new run starts where the first beat comes again."""
        run = self.open.get(f"run {self._unnamed}")
        if isinstance(run, Run) and run.phase == IDLE and kind != ERROR and run.node.path()[:1] == (handler,):
            again = kind == STARTED or all(mark[2] != STARTED for mark in run.marks)
            self._unnamed += again
        return f"run {self._unnamed}"

    def knows(self, execution: str) -> bool:
        """Say whether an execution is followed or kept in mind."""
        return execution in self.open or execution in self._done or execution in self._before

    def opened(self, execution: str, node: Node, time: str, began: float) -> Run:
        """Return a new execution at a node; `began` is `time` in UTC seconds since 1970."""
        run = self.open[execution] = Run(node, time, began)
        self.oldest = min(self.oldest, began)
        return run

    def tangled(self, execution: str, run: Run) -> Tangle:
        """Return a run as a list of its events, which is followed from now on."""
        tangle = Tangle(began=run.began, failed=run.failed)
        for time, _, handler, kind in run.events():
            tangle.add(time, handler, kind)
        if run.phase != IDLE:
            tangle.running[run.node.handler] += 1
            tangle.pending[run.node.handler] += run.phase == FAILING
        self.open[execution] = tangle
        return tangle

    def end(self, execution: str, run: Run) -> None:
        """Count an execution that took its order to the declared end, and keep it in mind for late duplicates."""
        del self.open[execution]
        run.ended = self._times.seconds(run.last)
        self.count(run.node, execution, run.ended - run.began, failed=run.failed)
        run.marks = []
        self.remember(execution, run)

    def usual(self, order: tuple[str, ...]) -> Node:
        """Return the node of the order that most executions take; those that rest there are over."""
        node = self._usual = self.at(order)
        node.end = True
        for execution, run in list(self.open.items()):
            if isinstance(run, Run) and run.node is node and run.phase == IDLE:
                self.end(execution, run)
        return node

    def learned(self) -> tuple[str, ...]:
        """Return the order that most of the oldest executions rest at the end of, and none goes beyond; else ()."""
        if len(self.open) < LEARNED or self.declared or self.reopened:
            return ()
        oldest = list(islice(self.open.values(), LEARNED))
        resting = Counter(run.node for run in oldest if isinstance(run, Run) and run.phase == IDLE and not run.failed)
        node, count = max(resting.items(), key=lambda item: item[1], default=(self.root, 0))
        return node.path() if 2 * count > LEARNED and not node.children else ()

    def remember(self, execution: str, past: str | Run) -> None:
        """Keep a completed execution in mind, and forget those before the newest thousand.

        One that took the usual order is no more than its first and its newest time, put together: that is small, and
        nothing that the garbage collector must look at.
        """
        self._done[execution] = past
        if len(self._done) > DONE:
            self._before, self._done = self._done, {}

    def counted(self, node: Node, began: Seconds, ended: Seconds, events: int) -> None:
        """Count executions without an error that ended at a node, and their events; times are in seconds since 1970."""
        took = ended - began
        self.partial.events += events
        node.clean += len(took)
        self.seconds += float(took.sum())
        self.longest = max(self.longest, float(took.max()))
        self.oldest = min(self.oldest, float(began.min()))

    def count(self, node: Node, execution: str, seconds: float, *, failed: bool) -> None:
        """Count an execution of `seconds` that ended at a node."""
        self.seconds += seconds
        if failed:
            node.failed += 1
        else:
            node.clean += 1
            self.longest = max(self.longest, seconds)
        node.example = min(node.example or execution, execution)

    def done(self, execution: str) -> Run | None:
        """Return a completed execution, if it is still kept in mind."""
        past = self._done.get(execution) or self._before.get(execution)
        if not isinstance(past, str):
            return past
        first, last = past[: len(past) // 2], past[len(past) // 2 :]
        run = Run(self._usual, first, self._times.seconds(first))
        run.last, run.ended = last, self._times.seconds(last)
        return run

    def reopen(self, execution: str, run: Run) -> None:
        """Follow a completed execution again, because more of it came."""
        self.reopened = True
        run.node.end = run.node.end and self.declared
        self._done.pop(execution, None)
        self._before.pop(execution, None)
        self.open[execution] = run
        self.seconds -= run.ended - run.began
        run.marks = [(run.last, handler, COMPLETED) for handler in run.node.path()]
        if run.failed:
            run.node.failed -= 1
        else:
            run.node.clean -= 1

    def ends(self) -> list[Node]:
        """Return all nodes of the tree where an execution ended."""
        found, waiting = [], [self.root]
        while waiting:
            node = waiting.pop()
            waiting += node.children.values()
            if node.clean or node.failed:
                found.append(node)
        return found
