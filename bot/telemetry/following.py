"""One event of any shape on its way: the next step of an execution, or of a handler that belongs to none."""

from __future__ import annotations

import msgspec

from bot.telemetry.flows import BUSY, FAILING, IDLE, Flow, Run, Tangle
from bot.telemetry.lanes import Taken
from bot.telemetry.normal import COMPLETED, ERROR, STARTED
from bot.telemetry.partials import HandlerPart
from bot.telemetry.times import Times

WATERMARK = 900.0  # seconds of silence after which an execution counts as over
KINDS = frozenset({STARTED, COMPLETED, ERROR})


class Step(msgspec.Struct, frozen=True, gc=False):
    """One event with its time in the one form, and that time and the start of its minute in UTC seconds since 1970."""

    time: str
    at: float
    start: float
    handler: str
    kind: str
    duration: float | None = None
    failed: bool = False


def executed(part: HandlerPart, step: Step, *, failed: bool) -> None:
    """Count one execution of a handler, with its duration if it has one."""
    window = part.turn(step.time, step.start)
    window.errors += failed
    if step.duration is None:
        window.untimed += 1
    else:
        window.samples.append(step.duration)


def loose(part: HandlerPart, step: Step) -> None:
    """Count an event that belongs to no execution: an error between a start and an end is one execution with them."""
    if step.kind == STARTED:
        part.running += 1
    elif step.kind == COMPLETED:
        executed(part, step, failed=step.failed or part.pending > 0)
        part.pending -= part.pending > 0
        part.running -= part.running > 0
    elif step.kind == ERROR:
        if part.running > part.pending:
            part.pending += 1
        else:
            executed(part, step, failed=True)


def follow(flow: Flow, execution: str, step: Step) -> bool:
    """Move an execution on by one event; returns False for an event that was there before."""
    if step.kind not in KINDS:
        return True
    run = flow.open.get(execution) or _begun(flow, execution, step)
    if run is None:
        return False
    if isinstance(run, Run):
        moved = _in_turn(flow, run, step)
        if moved is not None:
            return moved
        run = flow.tangled(execution, run)
    return _out_of_turn(flow, run, step)


def adopt(execution: str, run: Taken, times: Times) -> None:
    """Follow an execution that left its lane, as if each event it told had come to `follow`.

    The durations of its beats are counted already, and each handler knows when its newest beat ended.
    """
    flow, way, told = run[0].lane.flow, run[0].way, run[1:]
    handler, kind = way.events[len(told) - 1]
    found = flow.opened(execution, way.nodes[len(told) - 1], told[0], times.seconds(told[0]))
    found.last, found.phase = told[-1], BUSY if kind == STARTED else IDLE
    found.marks = [(time, *event) for time, event in zip(told, way.events, strict=False)]
    part = flow.part(handler)
    part.last = max(part.last, found.last)
    flow.partial.events += len(told)
    if found.node.end and found.phase == IDLE:
        flow.end(execution, found)


def _begun(flow: Flow, execution: str, step: Step) -> Run | None:
    """Return a new run, or the completed one that goes on; None for a late duplicate of a completed one."""
    run = flow.done(execution)
    if run is not None and step.at - run.ended > WATERMARK:
        run = None  # the name is used again for another execution
    if run is None:
        run = flow.opened(execution, flow.root, step.time, step.at)
    elif step.time <= run.last and step.handler in run.node.path():
        return None
    else:
        flow.reopen(execution, run)
    return run


def _in_turn(flow: Flow, run: Run, step: Step) -> bool | None:
    """Move a run in its usual course; False for a duplicate of its last event, None when the event is out of turn."""
    same = run.node.handler == step.handler
    if step.time < run.last:
        return None
    if same and step.time == run.last and _is_double(run, step):
        return False
    if run.phase == IDLE:
        if step.time == run.last and step.handler in run.node.path():
            return None  # a repeated beat or a duplicate: only the list of its events can tell
        if not (same and step.kind == ERROR):  # an error right after its beat's end belongs to that beat
            run.node = flow.child(run.node, step.handler)
        run.phase = BUSY if step.kind == STARTED else IDLE
        if step.kind != STARTED:
            executed(run.node.part, step, failed=step.failed or step.kind == ERROR)
    elif not same or step.kind == STARTED:
        return None
    elif step.kind == COMPLETED:
        executed(run.node.part, step, failed=step.failed or run.phase == FAILING)
        run.phase = IDLE
    else:
        run.phase = FAILING
    run.failed = run.failed or step.failed or step.kind == ERROR
    run.marks.append((step.time, step.handler, step.kind))
    run.last = step.time
    return True


def _is_double(run: Run, step: Step) -> bool:
    return bool(run.marks) and run.marks[-1][2] == step.kind


def _out_of_turn(flow: Flow, run: Tangle, step: Step) -> bool:
    if not run.add(step.time, step.handler, step.kind):
        return False
    run.began = min(run.began, step.at)
    flow.oldest = min(flow.oldest, step.at)
    name, part = step.handler, flow.part(step.handler)
    if step.kind == STARTED:
        run.running[name] += 1
    elif step.kind == COMPLETED:
        executed(part, step, failed=step.failed or run.pending[name] > 0)
        run.pending[name] -= run.pending[name] > 0
        run.running[name] -= run.running[name] > 0
    elif run.running[name] > run.pending[name]:
        run.pending[name] += 1
    else:
        executed(part, step, failed=True)
    run.failed = run.failed or step.failed or step.kind == ERROR
    return True
