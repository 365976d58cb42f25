"""What was seen, as sums: per handler and span of time, per sequence, per cause. Adding two gives the sum of both."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bot.model import RecordedCall, StateChange, Violation
from bot.telemetry import sketch

FEWEST = 100  # samples of a window that never become a sketch while summing up
EXACT = 1_000  # samples of a window kept as they are; more become a sketch
SAMPLES = 10_000  # of a handler kept as they are, about; its later windows become sketches the sooner for it
WINDOWS = 64  # of a handler; more make each twice as wide
ALL_WINDOWS = 4_000  # of all handlers; more make every one twice as wide
MINUTE = 60.0
ORDERS = 200  # distinct orders of a sequence kept; the rest only counts
EXAMPLES = 20  # departures kept of a sequence, each with another script
CHANGES = 1_000
CALLS = 20  # recorded calls kept of a handler
Opened = tuple[str, str]  # sequence, execution
Event = tuple[str, int, str, str]  # time, arrival, handler, kind


@dataclass
class Part:
    """One handler in one span of time; durations in milliseconds, `untimed` executions have none."""

    untimed: int = 0
    errors: int = 0
    samples: array[float] = field(default_factory=lambda: array("d"))
    buckets: dict[int, int] = field(default_factory=dict)
    bucketed: int = 0
    bucketed_ms: float = 0.0

    @property
    def timed(self) -> int:
        """Return how many executions have a duration."""
        return self.bucketed + len(self.samples)

    @property
    def count(self) -> int:
        """Return how many executions there were."""
        return self.untimed + self.timed

    @property
    def total_ms(self) -> float:
        """Return the sum of all durations."""
        return self.bucketed_ms + sum(self.samples)

    def add(self, other: Part) -> None:
        """Add another part; more than 1,000 samples become a sketch."""
        self.untimed += other.untimed
        self.errors += other.errors
        self.samples.extend(other.samples)
        if other.buckets:
            self.buckets = sketch.merged((self.buckets, other.buckets))
            self.bucketed += other.bucketed
            self.bucketed_ms += other.bucketed_ms
        self.settle()

    def settle(self, most: int = EXACT) -> None:
        """Turn the exact samples into buckets when there are more than `most`, or buckets already."""
        if len(self.samples) > most or (self.buckets and self.samples):
            self.bucketed += len(self.samples)
            self.bucketed_ms += sum(self.samples)
            found = sketch.buckets(self.samples)
            self.buckets = sketch.merged((self.buckets, found)) if self.buckets else found
            del self.samples[:]


class HandlerPart:
    """One handler: its parts by the start of their span in units of `width` seconds, and the time it was last seen.

    `push` adds a duration to those of the current minute, which `turn` chooses. It may be called for an end that is
    not before `last` and before `high`, the end of that minute: it lies in it then. They wait in a list, to which
    adding is quickest, until the minute or the log is over or `settle` is called.
    """

    __slots__ = ("_current", "_fresh", "high", "last", "low", "parts", "pending", "push", "running", "width")

    def __init__(self) -> None:
        self.parts: dict[int, Part] = {}
        self.width = MINUTE
        self.last = ""
        self.low = self.high = ""
        self.running = 0  # executions that belong to no sequence: begun and not ended
        self.pending = 0  # of these, those that reported an error
        self._current = Part()
        self._fresh: list[float] = []
        self.push: Callable[[float], None] = self._fresh.append

    def turn(self, time: str, start: float) -> Part:
        """Make the minute of `time`, which begins at `start` (UTC seconds since 1970), the current one; its part."""
        minute = time[:16]
        if minute != self.low:
            self._flush()
            before, self._current = self._current, self._at(start)
            before.settle(max(FEWEST, min(EXACT, SAMPLES // len(self.parts))))
            self.low, self.high = minute, f"{minute}:6"
        return self._current

    def settle(self) -> None:
        """Turn the durations of the current minute into buckets when there are many."""
        self._flush()
        self._current.settle()

    def _flush(self) -> None:
        self._current.samples.frombytes(np.array(self._fresh).tobytes())
        self._fresh.clear()

    def _at(self, start: float) -> Part:
        key = int(start // self.width)
        if key not in self.parts:
            self.parts[key] = Part()
            if len(self.parts) > WINDOWS:
                self.widen()
                return self._at(start)
        return self.parts[key]

    def widen(self) -> None:
        """Make every window twice as wide."""
        self._flush()
        old, self.parts, self.low, self.high = self.parts, {}, "", ""
        self.width *= 2
        for key in sorted(old):
            self.parts.setdefault(key // 2, Part()).add(old[key])

    def add(self, other: HandlerPart) -> None:
        """Add the same handler's part from elsewhere; both are settled."""
        self.low = self.high = ""
        while self.width < other.width:
            self.widen()
        while other.width < self.width:
            other.widen()
        for key, part in other.parts.items():
            self.parts.setdefault(key, Part()).add(part)
        while len(self.parts) > WINDOWS:
            self.widen()
        self.last = max(self.last, other.last)


@dataclass
class SequencePart:
    """One sequence: executions, failed ones, their time in milliseconds, the orders of clean ones, departures.

    `longest` is the longest clean execution in seconds.
    """

    count: int = 0
    failed: int = 0
    total_ms: float = 0.0
    longest: float = 0.0
    violations: int = 0
    orders: Counter[tuple[str, ...]] = field(default_factory=Counter)
    examples: list[Violation] = field(default_factory=list)

    def add(self, other: SequencePart) -> None:
        """Add the same sequence's part from elsewhere."""
        self.count += other.count
        self.failed += other.failed
        self.total_ms += other.total_ms
        self.longest = max(self.longest, other.longest)
        self.violations += other.violations
        for order, count in other.orders.items():
            self.order(order, count)
        for example in other.examples:
            self.example(example)

    def example(self, violation: Violation) -> None:
        """Keep a departure as an example, at most 20: one of each script, of the first execution by name."""
        for place, known in enumerate(self.examples):
            if known.script == violation.script:
                self.examples[place] = min(known, violation, key=lambda one: one.execution)
                return
        if len(self.examples) < EXAMPLES:
            self.examples.append(violation)

    def order(self, order: tuple[str, ...], count: int = 1) -> None:
        """Count an order; of more than 200 distinct ones the rest is left out."""
        if order in self.orders or len(self.orders) < ORDERS:
            self.orders[order] += count


@dataclass
class ErrorPart:
    """One cause of error at one handler: how often, from when to when, and one text of it."""

    exception: str
    message: str
    count: int
    first: float
    last: float
    example: str = ""

    def add(self, other: ErrorPart) -> None:
        """Add the same cause's part from elsewhere."""
        self.count += other.count
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)


@dataclass
class Partial:
    """All of the above for one or more files; `cut` are the events of executions that a file's ends may have cut."""

    handlers: dict[str, HandlerPart] = field(default_factory=dict)
    sequences: dict[str, SequencePart] = field(default_factory=dict)
    errors: dict[tuple[str, str], ErrorPart] = field(default_factory=dict)
    calls: dict[str, list[RecordedCall]] = field(default_factory=dict)
    changes: dict[tuple[str, str, str], StateChange] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    cut: dict[Opened, list[Event]] = field(default_factory=dict)
    events: int = 0

    def handler(self, name: str) -> HandlerPart:
        """Return the part of a handler, making it if need be."""
        found = self.handlers.get(name)
        if found is None:
            found = self.handlers[name] = HandlerPart()
        return found

    def sequence(self, name: str) -> SequencePart:
        """Return the part of a sequence, making it if need be."""
        found = self.sequences.get(name)
        if found is None:
            found = self.sequences[name] = SequencePart()
        return found

    def error(self, key: str, handler: str, found: ErrorPart) -> None:
        """Add an error to its cause and handler."""
        known = self.errors.get((key, handler))
        if known is None:
            self.errors[(key, handler)] = found
        else:
            known.add(found)

    def change(self, change: StateChange) -> None:
        """Count a change of state against a rule; of more than 1,000 distinct ones the rest is left out."""
        key = (change.handler, change.rule, change.field)
        known = self.changes.get(key)
        if known is not None:
            self.changes[key] = known.model_copy(update={"count": known.count + change.count})
        elif len(self.changes) < CHANGES:
            self.changes[key] = change

    def call(self, call: RecordedCall) -> None:
        """Keep a recorded call, at most 20 of a handler and no call twice."""
        known = self.calls.setdefault(call.handler, [])
        if len(known) < CALLS and call not in known:
            known.append(call)

    def bound(self) -> None:
        """Make the windows of every handler twice as wide when there are too many in all."""
        count = sum(len(part.parts) for part in self.handlers.values())
        if count > max(ALL_WINDOWS, 8 * len(self.handlers)):
            for part in self.handlers.values():
                part.widen()

    def add(self, other: Partial) -> None:
        """Add what was seen elsewhere; the result does not depend on the order of adding but for examples."""
        for name, part in other.handlers.items():
            self.handler(name).add(part)
        for name, sequence in other.sequences.items():
            self.sequence(name).add(sequence)
        for (key, handler), error in other.errors.items():
            self.error(key, handler, error)
        for change in other.changes.values():
            self.change(change)
        for calls in other.calls.values():
            for call in calls:
                self.call(call)
        for opened, events in other.cut.items():
            self.cut.setdefault(opened, []).extend(events)
        self.dropped.update(other.dropped)
        self.events += other.events
