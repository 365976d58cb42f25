"""Events into sums, one pass: what each handler did and in which order each execution went.

An execution is followed until it has been silent for 15 minutes of the events' own time, so that late events find it;
at most 100,000 are followed at once. The same event twice (execution, handler, kind and time) counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from bot.model import NormalizedEvent, RecordedCall, Sequence
from bot.telemetry.causes import cause_of
from bot.telemetry.normal import COMPLETED, ERROR, STARTED
from bot.telemetry.orders import departure
from bot.telemetry.partials import ErrorPart, Partial
from bot.telemetry.states import Held, changes

WATERMARK = 900.0  # seconds of silence after which an execution counts as over
OPEN = 100_000
LONGEST = 5_000  # events of one execution followed; a longer one is no sequence
LARGEST = 20_000  # characters of one recorded value
ERROR_KINDS = 5_000  # distinct (cause, handler) pairs kept


@dataclass
class Execution:
    """One run of a sequence: its events as (time, arrival, handler, kind), open beats, whether anything failed."""

    seen: list[tuple[float, int, str, str]] = field(default_factory=list)
    known: set[tuple[float, str, str]] = field(default_factory=set)
    open: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)
    held: Held = field(default_factory=Held)
    last: float = 0.0
    failed: bool = False


class Collector:
    """Takes normalised events in file order and keeps their sums in `partial`."""

    def __init__(self, declared: Mapping[str, Sequence]) -> None:
        self.partial = Partial()
        self._declared = declared
        self._pure = {beat.handler for one in declared.values() for beat in one.beats if beat.kind == "pure"}
        self._open: dict[tuple[str, str], Execution] = {}
        self._runs: Counter[str] = Counter()
        self._newest = 0.0
        self._swept = 0.0

    def take(self, event: NormalizedEvent) -> None:
        """Add one event; a duplicate is counted and left out."""
        key = (event.sequence, event.execution or self._run(event))
        execution = self._open.get(key)
        if execution is None:
            execution = self._open[key] = Execution()
        mark = (event.at, event.handler, event.event)
        if (event.execution or event.sequence) and mark in execution.known:
            self.partial.dropped["duplicate"] += 1
            return
        self._follow(execution, event, mark)
        self._count(execution, event)
        self._sweep(event.at)

    def finish(self) -> Partial:
        """Return the sums after closing every execution that is still followed."""
        for key in list(self._open):
            self._close(key)
        return self.partial

    def _run(self, event: NormalizedEvent) -> str:
        """Name the execution of an event without one: a new run starts where the first beat comes again."""
        if not event.sequence:
            return ""
        name = f"run {self._runs[event.sequence]}"
        execution = self._open.get((event.sequence, name))
        started = event.event in (STARTED, COMPLETED) and execution is not None and execution.seen
        if started and execution and event.handler == execution.seen[0][2] and not execution.open[event.handler]:
            self._runs[event.sequence] += 1
            return f"run {self._runs[event.sequence]}"
        return name

    def _follow(self, execution: Execution, event: NormalizedEvent, mark: tuple[float, str, str]) -> None:
        execution.last = max(execution.last, event.at)
        if event.sequence and len(execution.seen) < LONGEST and event.event in (STARTED, COMPLETED, ERROR):
            execution.seen.append((event.at, len(execution.seen), event.handler, event.event))
            execution.known.add(mark)

    def _count(self, execution: Execution, event: NormalizedEvent) -> None:
        name, part = event.handler, self.partial.handler(event.handler)
        self.partial.events += 1
        part.last = max(part.last, event.at)
        if event.event == STARTED:
            execution.open[name] += 1
        elif event.event == COMPLETED:
            failed = bool(event.error) or execution.pending[name] > 0
            execution.pending[name] -= execution.pending[name] > 0
            execution.open[name] -= execution.open[name] > 0
            self._executed(event, failed=failed)
        elif event.event == ERROR:
            execution.failed = True
            if execution.open[name] > execution.pending[name]:
                execution.pending[name] += 1
            else:
                self._executed(event, failed=True)
        if event.error or event.event == ERROR:
            execution.failed = True
            self._error(event)
        if event.context:
            self._call(event)
            for change in changes(event, execution.held, pure=name in self._pure):
                self.partial.change(change)

    def _executed(self, event: NormalizedEvent, *, failed: bool) -> None:
        part = self.partial.handler(event.handler)
        window = part.at(event.at)
        window.count += 1
        window.errors += failed
        if event.duration_ms is not None:
            part.timing(event.at, event.duration_ms)

    def _error(self, event: NormalizedEvent) -> None:
        text = event.error or "error"
        cause = cause_of(text)
        if len(self.partial.errors) < ERROR_KINDS or (cause.key, event.handler) in self.partial.errors:
            found = ErrorPart(cause.exception, cause.message, 1, event.at, event.at, text[:4000])
            self.partial.error(cause.key, event.handler, found)

    def _call(self, event: NormalizedEvent) -> None:
        context = event.context or {}
        if event.event == STARTED or not ({"args", "kwargs", "state"} & context.keys()):
            return
        texts = {k: _json(context[k]) for k in ("args", "kwargs", "result", "state") if k in context}
        if max(map(len, texts.values())) > LARGEST:
            self.partial.dropped["recorded call too large"] += 1
            return
        call = RecordedCall(handler=event.handler, error=event.error, duration_ms=event.duration_ms, **texts)
        self.partial.call(call)

    def _sweep(self, now: float) -> None:
        self._newest = max(self._newest, now)
        if self._newest - self._swept > WATERMARK / 4 or len(self._open) > OPEN:
            self._swept = self._newest
            for key in [k for k, e in self._open.items() if e.last < self._newest - WATERMARK]:
                self._close(key)
            for key in list(self._open)[: max(0, len(self._open) - OPEN // 2)] if len(self._open) > OPEN else ():
                self._close(key)

    def _close(self, key: tuple[str, str]) -> None:
        execution, sequence = self._open.pop(key), key[0]
        for name, count in execution.pending.items():
            window = self.partial.handler(name).at(execution.last)
            window.count += count
            window.errors += count
        if sequence and execution.seen:
            self._ended(sequence, key[1], execution)

    def _ended(self, name: str, execution_id: str, execution: Execution) -> None:
        part, order = self.partial.sequence(name), order_of(execution)
        times = [at for at, *_ in execution.seen]
        part.count += 1
        part.failed += execution.failed
        part.total_ms += (max(times) - min(times)) * 1e3
        if not execution.failed:
            part.order(order)
        declared = self._declared.get(name)
        wrong = declared and departure(declared, order, failed=execution.failed, execution=execution_id)
        if wrong:
            part.violations += 1
            part.example(wrong)


def order_of(execution: Execution) -> tuple[str, ...]:
    """Return the handlers in the order in which they started; one that only reports its end stands at its end."""
    open_: Counter[str] = Counter()
    names: list[str] = []
    for _, _, name, kind in sorted(execution.seen):
        if kind == STARTED:
            open_[name] += 1
            names.append(name)
        elif open_[name] > 0:
            open_[name] -= kind == COMPLETED
        elif kind == COMPLETED or names[-1:] != [name]:
            names.append(name)
    return tuple(names)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")
