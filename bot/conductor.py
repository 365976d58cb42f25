"""Loads, checks and plays a sequence beat by beat; it knows no expressions and no loops.

A plan is checked when it is loaded: every handler exists, its kind agrees, every input is there in time and has the
right type. Each beat emits `beat-started` and then `beat-completed` or `error`, in the format that stage 1 reads.
"""

from __future__ import annotations

import inspect
import json
import time
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError

from bot.errors import BotError, Declined, Misconfigured
from bot.model import Beat, Completed, Known, Request, Sequence, Waiting
from bot.policy import RepoPolicy
from bot.ports import PORTS, Codec, Workflows
from bot.registry import Unit, units

INPUTS: dict[str, Any] = {"request": Request, "known": Known, "policy": RepoPolicy}
CONTROL: tuple[type, ...] = (Known, Waiting)
OUTCOME = "outcome"
Event = dict[str, object]
Sink = Callable[[Event], None]


@dataclass(frozen=True)
class Part:
    """One beat with its handler, what it takes (name to type), the ports it needs, and what it gives."""

    beat: Beat
    unit: Unit
    takes: Mapping[str, Any]
    ports: Mapping[str, type]
    gives: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A loaded and checked sequence: its parts in order."""

    sequence: Sequence
    parts: tuple[Part, ...]

    @property
    def types(self) -> dict[str, Any]:
        """Return the type of every result by name."""
        return {name: kind for part in self.parts for name, kind in part.gives.items()}


@dataclass(frozen=True)
class Stop:
    """A run that ended early without a fault, as it is recorded in a step."""

    state: Literal["declined", "timed-out", "cancelled"]
    reason: str


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `record_id` is what it left, `completed.starts` what follows, `results` all it made."""

    state: Literal["completed", "declined", "waiting", "known", "timed-out", "cancelled"]
    reason: str = ""
    record_id: str = ""
    completed: Completed | None = None
    waiting: Waiting | None = None
    results: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """What a run has around it: the ports by type, the step runner, and where events go."""

    ports: Mapping[type, object]
    workflows: Workflows
    codec: Codec
    sink: Sink = lambda _event: None
    now: Callable[[], float] = time.time
    cancelled: Callable[[], bool] = lambda: False


def parse(text: str, name: str) -> Sequence:
    """Return the sequence in a JSON text; raises `Misconfigured` naming file, movement, beat and key."""
    try:
        return Sequence.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Misconfigured(f"{name}: {_where(text, first['loc'])}{first['msg']}", hint="See schema.json.") from None


def _where(text: str, path: tuple[int | str, ...]) -> str:
    try:
        node = json.loads(text)
    except ValueError:
        return ""
    words = []
    for key in path:
        known = node[key] if isinstance(node, list) and isinstance(key, int) and key < len(node) else None
        node = known if known is not None else node.get(key) if isinstance(node, dict) else None
        if isinstance(key, int) and isinstance(node, dict):
            words.append(f"movement {node['id']!r}" if "beats" in node else f"beat {node.get('beat', key + 1)}")
    keys = [str(key) for key in path if not isinstance(key, int)]
    return ", ".join([*words, f"key {keys[-1]!r}"]) + ": " if keys else ""


def load(text: str, name: str) -> Plan:
    """Return the checked plan of a sequence file's text; raises `Misconfigured` naming file, movement and beat."""
    sequence = parse(text, name)
    known: dict[str, Any] = dict(INPUTS)
    made_at = {key: number for number, key in _all_results(sequence)}
    parts: list[Part] = []
    for movement in sequence.movements:
        for beat in movement.beats:
            where = f"{name}: movement {movement.id!r}, beat {beat.beat}"
            if beat.beat != len(parts) + 1:
                raise Misconfigured(f"{where}: the number should be {len(parts) + 1}", hint="Number beats from 1 up.")
            part = _part(beat, where)
            _check_inputs(part, known, made_at, where)
            for key, kind in part.gives.items():
                if key in known:
                    raise Misconfigured(f"{where}: {beat.handler} makes {key!r}, which is there already")
                known[key] = kind
            parts.append(part)
    return Plan(sequence, tuple(parts))


def _all_results(sequence: Sequence) -> list[tuple[int, str]]:
    handlers = units("handler")
    return [
        (beat.beat, key)
        for beat in reversed(sequence.beats)
        if beat.handler in handlers
        for key in handlers[beat.handler].about["returns"]
    ]


def _part(beat: Beat, where: str) -> Part:
    handler = units("handler").get(beat.handler)
    if handler is None:
        raise Misconfigured(f"{where}: there is no handler {beat.handler!r}", hint="`selfheal handlers` lists them.")
    part = Part(beat, handler, *signature(handler))
    kind = "stage-crew" if part.ports else "pure"
    if beat.kind != kind:
        ports = ", ".join(sorted(port.__name__ for port in part.ports.values())) or "no port"
        raise Misconfigured(f"{where}: {beat.handler} is {kind} (it takes {ports}), the file says {beat.kind}")
    return part


def signature(handler: Unit) -> tuple[dict[str, Any], dict[str, type], dict[str, Any]]:
    """Return what a handler takes by name, which ports it takes by name, and what it gives by name."""
    hints = typing.get_type_hints(handler.function)
    takes, ports = {}, {}
    for name in inspect.signature(handler.function).parameters:
        hint = _plain(hints[name])
        if isinstance(hint, type) and hint in PORTS:
            ports[name] = hint
        else:
            takes[name] = hint
    names = handler.about["returns"]
    result = _plain(hints["return"])
    kinds = (result,) if len(names) == 1 else get_args(result)
    return takes, ports, dict(zip(names, kinds, strict=True))


def _plain(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    rest = [kind for kind in get_args(hint) if kind not in (*CONTROL, NoneType)]
    return rest[0] if len(rest) == 1 else next(iter(k for k in get_args(hint) if k is not NoneType), hint)


def _check_inputs(part: Part, known: Mapping[str, Any], made_at: Mapping[str, int], where: str) -> None:
    for name, kind in part.takes.items():
        if name not in known:
            later = f"beat {made_at[name]} makes it later" if name in made_at else "no beat makes it"
            raise Misconfigured(f"{where}: {part.beat.handler} needs {name!r}, and {later}")
        if known[name] != kind:
            raise Misconfigured(
                f"{where}: {part.beat.handler} takes {name!r} as {_name(kind)}, but it is {_name(known[name])}"
            )


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)) if not get_args(kind) else str(kind)


def play(plan: Plan, inputs: Mapping[str, object], stage: Stage) -> Outcome:
    """Run a plan and return how it ended; `Declined` is an outcome, any other error is raised after its event."""
    results: dict[str, object] = {"known": None, **inputs}
    execution = _execution(plan, inputs)
    for name, parts in steps(plan):
        work = partial(_play, parts, dict(results), stage, execution)
        made = stage.workflows.step(name, work, stage.codec)
        results.update(made)
        if OUTCOME in made:
            return _ended(made[OUTCOME], results)
    completed = results.get("completed")
    record = completed.record_id if isinstance(completed, Completed) else ""
    return Outcome("completed", record_id=record, completed=_completed(completed), results=results)


def _completed(value: object) -> Completed | None:
    return value if isinstance(value, Completed) else None


def steps(plan: Plan) -> list[tuple[str, tuple[Part, ...]]]:
    """Return the steps by name: each stage-crew beat ends one, with the pure beats before it; pure ones end the plan.

    A pure beat costs nothing to repeat, a recorded step costs a commit, and an effect is recorded once it is made.
    """
    groups: list[list[Part]] = [[]]
    for part in plan.parts:
        groups[-1].append(part)
        if part.ports:
            groups.append([])
    return [
        (f"{plan.sequence.id}:{group[0].beat.beat}-{group[-1].beat.beat}", tuple(group)) for group in groups if group
    ]


def _ended(value: object, results: Mapping[str, object]) -> Outcome:
    if isinstance(value, Known):
        return Outcome("known", record_id=value.record_id, results=results)
    if isinstance(value, Waiting):
        return Outcome("waiting", reason=value.reason, waiting=value, results=results)
    if isinstance(value, Stop):
        return Outcome(value.state, reason=value.reason, results=results)
    raise TypeError(f"a run can't end with {value!r}")


def _execution(plan: Plan, inputs: Mapping[str, object]) -> tuple[str, str, float]:
    request = inputs.get("request")
    if not isinstance(request, Request):
        raise Misconfigured(f"{plan.sequence.id} needs a request")
    return plan.sequence.id, f"{request.request_id}:{request.subject}".rstrip(":"), request.deadline


def _play(
    parts: tuple[Part, ...], known: Mapping[str, object], stage: Stage, execution: tuple[str, str, float]
) -> dict[str, object]:
    made: dict[str, object] = {}
    for part in parts:
        stop = _must_stop(stage, execution[2])
        if stop is not None:
            return {**made, OUTCOME: stop}
        value = _beat(part, {**known, **made}, stage, execution)
        if isinstance(value, (*CONTROL, Stop)):
            return {**made, OUTCOME: value}
        names = tuple(part.gives)
        made.update(zip(names, (value,) if len(names) == 1 else value, strict=True))
    return made


def _must_stop(stage: Stage, deadline: float) -> Stop | None:
    if stage.cancelled():
        return Stop("cancelled", "it was cancelled")
    if deadline and stage.now() > deadline:
        return Stop("timed-out", "its time is spent")
    return None


def _beat(part: Part, known: Mapping[str, object], stage: Stage, execution: tuple[str, str, float]) -> Any:
    emit = _emitter(part, stage, execution)
    arguments = {name: known[name] for name in part.takes}
    arguments |= {name: stage.ports[port] for name, port in part.ports.items()}
    emit("beat-started")
    started = time.perf_counter()
    try:
        value = part.unit(**arguments)
    except Declined as reason:
        emit("beat-completed", started, {"declined": str(reason)})
        return Stop("declined", str(reason))
    except Exception as error:
        emit("error", started, {"error": f"{type(error).__name__}: {error}", "expected": isinstance(error, BotError)})
        raise
    emit("beat-completed", started)
    return value


def _emitter(part: Part, stage: Stage, execution: tuple[str, str, float]) -> Callable[..., None]:
    def emit(event: str, started: float | None = None, more: Mapping[str, object] | None = None) -> None:
        line: Event = {
            "timestamp": datetime.fromtimestamp(stage.now(), UTC).isoformat(timespec="microseconds"),
            "event": event,
            "handler": part.beat.handler,
            "sequence": execution[0],
            "execution": execution[1],
            "beat": part.beat.beat,
        }
        if started is not None:
            line["duration_ms"] = round((time.perf_counter() - started) * 1000, 3)
        details = dict(more or {})
        if "error" in details:
            line["error"] = details.pop("error")
        stage.sink({**line, "context": details} if details else line)

    return emit


def schema() -> dict[str, Any]:
    """Return the JSON schema of sequence files, made from the models."""
    made = Sequence.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def folder() -> Path:
    """Return the folder of the sequences that the program was shipped with."""
    shipped = Path(__file__).parent / "data" / "sequences"
    return shipped if shipped.is_dir() else Path(__file__).parent.parent / "sequences"


def load_all(where: Path | None = None) -> dict[str, Plan]:
    """Return all plans of a folder by the event that starts them; raises `Misconfigured` on the first wrong file."""
    plans = {}
    for path in sorted((where or folder()).glob("*.json")):
        if path.name != "schema.json":
            plan = load(path.read_text(encoding="utf-8"), path.name)
            plans[plan.parts[0].beat.event] = plan
    return plans
