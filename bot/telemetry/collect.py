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
from bot.telemetry.flows import BUSY, IDLE, Flow, Run
from bot.telemetry.following import Step, follow, loose
from bot.telemetry.normal import COMPLETED, ERROR, STARTED, handler_name, kind
from bot.telemetry.orders import declared_order
from bot.telemetry.partials import ErrorPart, Partial
from bot.telemetry.states import Held, changes
from bot.telemetry.times import Times
from bot.telemetry.wire import Wire, event_of

LARGEST = 20_000  # characters of one recorded value
ERROR_KINDS = 5_000  # distinct (cause, handler) pairs kept
HELD = 10_000  # executions whose recorded state is remembered at once


class Collector:
    """Takes events in file order and keeps their sums; `finish` closes what is open and returns them."""

    def __init__(self, declared: Mapping[str, Sequence]) -> None:
        self.partial = Partial()
        self._orders = {name: declared_order(sequence) for name, sequence in declared.items()}
        self._flows: dict[str, Flow] = {}
        self._pure = {beat.handler for one in declared.values() for beat in one.beats if beat.kind == "pure"}
        self._held: dict[tuple[str, str], Held] = {}
        self._times = Times()
        self._closing = Closing(self.partial, self._times, declared)
        self._low = self._high = ""  # the bounds of the current minute's times
        self._start = 0.0

    def take(self, events: Iterable[Any]) -> None:
        """Add events (`Wire` or `TelemetryEvent`) in their order.

        Events in the usual course are dealt with in this loop, which runs once for each event and decides the speed of
        the whole: it looks things up and calls little. All others go to `_other`.
        """
        flows, low, high, width = self._flows, self._low, self._high, self._times.width
        start = self._start
        time, usual = "", 0
        for event in events:
            time = event.timestamp
            if not low <= time < high or len(time) != width:
                time = self._clock(time)
                low, high, width, start = self._low, self._high, self._times.width, self._start
            flow = flows.get(event.sequence)
            run = flow.open.get(event.execution) if flow is not None else None
            if type(run) is Run and run.last <= time and event.context is None:
                node = run.node
                if run.phase == BUSY:
                    duration, part = event.duration_ms, node.part
                    plain = duration is not None and event.error is None and event.event == COMPLETED
                    if plain and node.handler == event.handler and part.last <= time:
                        if part.low != low:
                            part.turn(low, start)
                        part.push(duration)
                        part.last = run.last = time
                        run.phase = IDLE
                        run.marks.append(time)
                        usual += 1
                        if node.end:
                            flows[event.sequence].end(event.execution, run, start)
                        continue
                elif run.phase == IDLE and event.event == STARTED:
                    following = node.children.get(event.handler)
                    if following is not None:
                        run.node, run.last, run.phase = following, time, BUSY
                        run.marks.append(time)
                        usual += 1
                        continue
            elif run is None and flow is not None and event.context is None and flow.begin(event, time, start):
                usual += 1
                continue
            self._other(event, time)
        self.partial.events += usual
        if time:
            self._closing.sweep(flows, time)

    def finish(self) -> Partial:
        """Return the sums after closing every execution that is still followed."""
        self._closing.finish(self._flows)
        return self.partial

    def _clock(self, value: object) -> str:
        """Return a time in the one form and make its minute the current one; count a bad one and return ''."""
        time = self._times.text(value)
        if time is None:
            self.partial.dropped["bad timestamp"] += 1
            return ""
        self._low, self._high = f"{time[:16]}:00", f"{time[:16]}:61"
        self._start = self._times.minute(time[:16])
        return time

    def _other(self, event: Wire | TelemetryEvent, time: str) -> None:
        """Add one event of any shape; one without a time is counted already."""
        if not time:
            return
        one = event_of(event) if isinstance(event, Wire) else event
        name = handler_name(one.handler)
        if not name:
            self.partial.dropped["no handler"] += 1
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
            flow = self._flows[name] = Flow(name, self._orders.get(name, ()), self.partial)
        execution = event.execution or flow.unnamed(step.handler, step.kind)
        kept = follow(flow, execution, step)
        run = flow.open.get(execution)
        if isinstance(run, Run) and run.node.end and run.phase == IDLE:
            flow.end(execution, run, step.start)
        return kept

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
            if len(self._held) >= HELD:
                self._held.clear()
            held = self._held[key] = Held()
        normal = NormalizedEvent(step.at, step.kind, step.handler, execution=event.execution, context=event.context)
        for change in changes(normal, held, pure=step.handler in self._pure):
            self.partial.change(change)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")
