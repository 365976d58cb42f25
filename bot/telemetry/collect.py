"""Events into sums, one pass: what each handler did and in which order each execution went.

An execution is followed until it is complete, or silent for 15 minutes of the events' own time, so that late events
find it; at most 100,000 are followed at once. The same event twice (execution, handler, kind and time) counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from bot.telemetry.partials import ErrorPart, Partial
from bot.telemetry.states import Held, changes
from bot.telemetry.times import Times
from bot.telemetry.wire import Wire, event_of

LARGEST = 20_000  # characters of one recorded value
ERROR_KINDS = 5_000  # distinct (cause, handler) pairs kept
SWEEP = 8  # batches of events after which silent executions are looked for
STATES = 10_000  # executions whose recorded state is remembered at once


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

    def take(self, events: Iterable[Any]) -> None:
        """Add events (`Wire` or `TelemetryEvent`) in their order.

        Events in the usual course are dealt with in this loop, which runs once for each event and decides the speed of
        the whole: it looks things up and calls little. All others go to `_other`.
        """
        running, lanes = self._running, self._open
        known, event = running.get, None
        for event in events:
            run, time = known(event.execution), event.timestamp
            if run is None:
                lane = lanes.get(event.sequence)
                if lane is not None and self._begun(lane, event):
                    continue
            else:
                stage = run[0]
                if (
                    event.handler == stage.handler
                    and event.event == stage.kind
                    and run[1] <= time
                    and event.sequence == stage.sequence
                    and event.error is None
                    and event.context is None
                ):
                    if not stage.timed:
                        run.append(time)
                        run[0], run[1] = stage.next, time
                        continue
                    duration = event.duration_ms
                    if duration is not None:
                        run += (time, duration)
                        run[1] = time
                        if stage.next is not None:
                            run[0] = stage.next
                        else:
                            del running[event.execution]
                            if not stage.lane.end(event.execution, run):
                                self._again(event.execution, run)
                            elif stage.lane.full():
                                self._settle(stage.lane)
                        continue
            self._other(event)
        self._taken += 1
        if event is not None and self._taken % SWEEP == 0:
            self._sweep(self._times.text(event.timestamp))

    def finish(self) -> Partial:
        """Return the sums after closing every execution that is still followed."""
        for execution in list(self._running):
            self._again(execution, self._running.pop(execution))
        for lane in self._lanes.values():
            self._settle(lane)
        self._closing.finish(self._flows)
        return self.partial

    def _sweep(self, time: str | None) -> None:
        """Close what was silent for 15 minutes before `time`, if that is due, and learn the usual orders."""
        for flow in self._flows.values():
            if flow.name not in self._open:
                self._open_lane(flow, flow.learned())
        silent = self._closing.due(self._flows, len(self._running), time) if time else ""
        if silent:
            for execution in [key for key, run in self._running.items() if run[1] < silent]:
                self._again(execution, self._running.pop(execution))
            self._closing.sweep(self._flows, silent)

    def _begun(self, lane: Lane, event: Any) -> bool:
        """Put an execution that begins as usual into its lane; returns False when it does not."""
        time, stage = event.timestamp, lane.begin(event.event, event.handler)
        if stage is None or stage.next is None or event.context or event.error:
            return False
        if not event.execution or lane.knows(event.execution) or (stage.timed and event.duration_ms is None):
            return False
        if not self._times.width:
            self._times.text(time)
        run = self._running[event.execution] = [stage.next, time, time]
        if stage.timed:
            run.append(event.duration_ms)
        return True

    def _settle(self, lane: Lane) -> None:
        for execution, run in lane.settle():
            self._again(execution, run)

    def _again(self, execution: str, run: Taken) -> None:
        """Deal with the events of an execution that left its lane one by one."""
        lane: Lane = run[0].lane
        found = list(run[0].way.told(run))
        if all(self._times.text(step[0]) == step[0] for step in found):
            adopt(lane.flow, execution, found, self._times)
            return
        for time, event, handler, duration in found:
            self._one(TelemetryEvent(time, event, handler, lane.flow.name, execution, None, duration))

    def _other(self, event: Wire | TelemetryEvent) -> None:
        """Add one event of any shape; what is known of its execution leaves the lane first."""
        one = event_of(event) if isinstance(event, Wire) else event
        lane = self._lanes.get(one.sequence.strip())
        if lane is not None:
            run = self._running.get(one.execution)
            if run is None or run[0].lane is not lane:
                run = lane.back(one.execution)
            else:
                del self._running[one.execution]
            if run is not None:
                self._again(one.execution, run)
        self._one(one)

    def _one(self, one: TelemetryEvent) -> None:
        time, name = self._times.text(one.timestamp), handler_name(one.handler)
        if time is None or not name:
            self.partial.dropped["no handler" if time else "bad timestamp"] += 1
            return
        at, minute = self._times.seconds(time), self._times.minute(time[:16])
        step = Step(time, at, minute, name, kind(one.event), one.duration_ms, bool(one.error))
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
