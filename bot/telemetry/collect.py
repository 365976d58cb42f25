"""Events into sums, one pass: what each handler did and in which order each execution went.

An execution is followed until it is complete, or silent for 15 minutes of the events' own time, so that late events
find it; at most 100,000 are followed at once. The same event twice (execution, handler, kind and time) counts once.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Seq
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

import msgspec

from bot.model import NormalizedEvent, RecordedCall, Sequence, TelemetryEvent
from bot.telemetry.causes import cause_of
from bot.telemetry.closing import Closing
from bot.telemetry.flows import IDLE, Flow, Run
from bot.telemetry.following import Step, adopt, follow, loose
from bot.telemetry.lanes import Lane, Taken, may_have
from bot.telemetry.normal import ERROR, STARTED, handler_name, kind
from bot.telemetry.orders import declared_order
from bot.telemetry.partials import ErrorPart, HandlerPart, Partial
from bot.telemetry.states import Held, changes
from bot.telemetry.times import Times, within
from bot.telemetry.wire import Wire, event_of

LARGEST = 20_000  # characters of one recorded value
ERROR_KINDS = 5_000  # distinct (cause, handler) pairs kept
SWEEP = 8  # batches of events after which silent executions are looked for
STATES = 10_000  # executions whose recorded state is remembered at once
_TIMESTAMP = attrgetter("timestamp")


@contextmanager
def unhurried() -> Iterator[None]:
    """Keep the garbage collector from looking, again and again, at events that are held for a moment only."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Collector:
    """Takes events in file order and keeps their sums; `finish` closes what is open and returns them."""

    def __init__(self, declared: Mapping[str, Sequence]) -> None:
        self.partial = Partial()
        self._orders = {name: declared_order(sequence) for name, sequence in declared.items()}
        self._flows: dict[str, Flow] = {}
        self._lanes: dict[str, Lane] = {}
        self._open: dict[str, Lane] = {}  # those that take executions
        self._running: dict[str, Taken] = {}  # executions in their lanes
        self._pure = {beat.handler for one in declared.values() for beat in one.beats if beat.kind == "pure"}
        self._held: dict[tuple[str, str], Held] = {}
        self._times = Times()
        self._closing = Closing(self.partial, self._times, declared)
        self._taken = 0

    def take(self, events: Seq[Any]) -> None:
        """Add events (`Wire` or `TelemetryEvent`) in their order."""
        found = events
        if not self._times.plain(list(map(_TIMESTAMP, events))):
            found = list(self._timed(events))
        self._usual(found)
        self._taken += 1
        if found and self._taken % SWEEP == 0:
            self._sweep(found[-1].timestamp)

    def _timed(self, events: Iterable[Any]) -> Iterator[Any]:
        """Yield the events that have a time, each with its time in the one form; the others are counted."""
        for event in events:
            time = self._times.text(event.timestamp)
            if time is None:
                self.partial.dropped["bad timestamp"] += 1
            elif time != event.timestamp:
                yield msgspec.structs.replace(event, timestamp=time)
            else:
                yield event

    def _usual(self, events: Iterable[Any]) -> None:
        """Follow events that have their times in the one form.

        Those in the usual course are dealt with in this loop, which runs once for each event and decides the speed of
        the whole: it looks things up and calls nothing but once or twice for an execution. All others go to `_other`.
        """
        running, lanes = self._running, self._open
        for event in events:
            execution = event.execution
            try:
                run = running[execution]
            except KeyError:
                lane = lanes.get(event.sequence)
                if lane is None or not self._begun(lane, event):
                    self._other(event)
                continue
            stage, time = run[0], event.timestamp
            if (
                event.handler == stage.handler
                and event.event == stage.kind
                and event.sequence == stage.sequence
                and event.error is event.context  # which is to say that both are None
                and run[-1] <= time
            ):
                if not stage.timed:
                    run.append(time)
                    run[0] = stage.next
                    continue
                duration = event.duration_ms
                if duration is not None:
                    part = stage.part
                    if part.last <= time < part.high:
                        push = part.push  # a method of the list itself: found quicker by its name than as a method
                        push(duration)
                        part.last = time
                    else:
                        self._put(part, time, duration)
                    if stage.next is not None:
                        run.append(time)
                        run[0] = stage.next
                    else:
                        del running[execution]
                        stage.lane.end(execution, run, time)
                    continue
            self._other(event)

    def spans(self, first: str, last: str) -> None:
        """Say that the log goes on before and behind what was taken: from `first` to `last`, empty when not known."""
        self._closing.spans(*(self._times.text(time) if time else None for time in (first, last)))

    def finish(self) -> Partial:
        """Return the sums after closing every execution that is still followed."""
        for execution in list(self._running):
            adopt(execution, self._running.pop(execution), self._times)
        for lane in self._lanes.values():
            lane.settle()
        self._closing.finish(self._flows)
        return self.partial

    def _sweep(self, time: str) -> None:
        """Close what was silent for 15 minutes before `time`, if that is due, and learn the usual orders."""
        for flow in self._flows.values():
            if flow.name not in self._open:
                self._open_lane(flow, flow.learned())
        silent = self._closing.due(self._flows, len(self._running), time)
        if silent:
            for execution in [key for key, run in self._running.items() if run[-1] < silent]:
                adopt(execution, self._running.pop(execution), self._times)
            self._closing.sweep(self._flows, silent)

    def _begun(self, lane: Lane, event: Any) -> bool:
        """Put an execution that begins as usual into its lane; returns False when it does not."""
        execution, stage = event.execution, lane.first.get(event.event)
        if (
            stage is None
            or event.handler != lane.head
            or event.error is not event.context
            or not execution
            or lane.flow.knows(execution)
        ):
            return False
        if stage.timed:
            if event.duration_ms is None:
                return False
            self._put(stage.part, event.timestamp, event.duration_ms)
        self._running[execution] = [stage.next, event.timestamp]
        return True

    def _put(self, part: HandlerPart, time: str, duration: float) -> None:
        """Count a duration in milliseconds in the minute of its end."""
        part.turn(time, self._times.minute(time[:16])).samples.append(duration)
        part.last = max(part.last, time)

    def _other(self, event: Wire | TelemetryEvent) -> None:
        """Add one event of any shape; what is known of its execution leaves the lane first."""
        one = event_of(event) if isinstance(event, Wire) else event
        lane = self._lanes.get(one.sequence.strip())
        if lane is not None:
            run = self._running.get(one.execution)
            if run is not None and run[0].lane is lane:
                adopt(one.execution, self._running.pop(one.execution), self._times)
        self._one(one)

    def _one(self, one: TelemetryEvent) -> None:
        """Add one event that has its time in the one form."""
        time, name = one.timestamp, handler_name(one.handler)
        if not name:
            self.partial.dropped["no handler"] += 1
            return
        minute = self._times.minute(time[:16])
        step = Step(time, within(time, minute), minute, name, kind(one.event), one.duration_ms, bool(one.error))
        if not self._followed(step, one):
            self.partial.dropped["duplicate"] += 1
            return
        self.partial.events += 1
        part = self.partial.handler(name)
        part.last = max(part.last, time)
        if one.error or step.kind == ERROR:
            self._error(step, one.error or "error")
        if one.context:
            self._call(step, one)
            self._state(step, one)

    def _followed(self, step: Step, event: TelemetryEvent) -> bool:
        if not (event.sequence or event.execution):
            loose(self.partial.handler(step.handler), step)
            return True
        name = event.sequence.strip()
        flow = self._flows.get(name)
        if flow is None:
            order = self._orders.get(name, ())
            flow = self._flows[name] = Flow(name, order, self.partial, self._times)
            self._open_lane(flow, order)
        execution = event.execution or flow.unnamed(step.handler, step.kind)
        kept = follow(flow, execution, step)
        run = flow.open.get(execution)
        if isinstance(run, Run) and run.node.end and run.phase == IDLE:
            flow.end(execution, run)
        if flow.reopened and not flow.declared:
            self._open.pop(name, None)  # executions go on after what seemed to be their end
        return kept

    def _open_lane(self, flow: Flow, order: tuple[str, ...]) -> None:
        if may_have(flow.name, order):
            self._lanes[flow.name] = self._open[flow.name] = Lane(flow, order, self._times)

    def _error(self, step: Step, text: str) -> None:
        cause = cause_of(text)
        if len(self.partial.errors) < ERROR_KINDS or (cause.key, step.handler) in self.partial.errors:
            found = ErrorPart(cause.exception, cause.message, 1, step.at, step.at, text[:4000])
            self.partial.error(cause.key, step.handler, found)

    def _call(self, step: Step, event: TelemetryEvent) -> None:
        context = event.context or {}
        if step.kind == STARTED or not ({"args", "kwargs", "state"} & context.keys()):
            return
        texts = {k: _json(context[k]) for k in ("args", "kwargs", "result", "state") if k in context}
        if max(map(len, texts.values())) > LARGEST:
            self.partial.dropped["recorded call too large"] += 1
            return
        call = RecordedCall(handler=step.handler, error=event.error, duration_ms=event.duration_ms, **texts)
        self.partial.call(call)

    def _state(self, step: Step, event: TelemetryEvent) -> None:
        key = (event.sequence, event.execution)
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= STATES:
                self._held.clear()
            held = self._held[key] = Held()
        normal = NormalizedEvent(step.at, step.kind, step.handler, execution=event.execution, context=event.context)
        for change in changes(normal, held, pure=step.handler in self._pure):
            self.partial.change(change)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")
