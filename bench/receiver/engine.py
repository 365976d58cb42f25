"""What the engine costs an incident: its seventy beats with nothing to do, durable against direct, in one process."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot import app, conductor
from bot.adapters.store import open_store
from bot.adapters.workflows_dbos import Durable, Job
from bot.app import Direct
from bot.codec import TypedCodec
from bot.conductor import Part, Plan, Stage
from bot.model import Request
from bot.registry import Unit

ROUNDS = 7


class Idle:
    """A handler that does nothing and gives a short text for each of its results."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._value: Any = "x" * 100 if len(names) == 1 else ("x" * 100,) * len(names)

    def __call__(self, **_arguments: object) -> Any:
        return self._value


def idle(plan: Plan) -> Plan:
    """Return a plan with the same beats and the same steps, in which no handler does anything."""
    return Plan(plan.sequence, tuple(_idle(part) for part in plan.parts))


def _idle(part: Part) -> Part:
    unit: Unit = replace(part.unit, function=Idle(tuple(part.gives)))
    return replace(part, unit=unit, takes={}, gives=dict.fromkeys(part.gives, str))


def incident(plans: list[Plan], stage: Stage, name: str) -> float:
    """Play all seven sequences and return the CPU seconds that took: what else runs here must not count."""
    began = time.thread_time()
    for plan in plans:
        conductor.play(plan, {"request": Request(request_id=name, repository="o/n")}, stage)
    return time.thread_time() - began


def overhead(folder: Path) -> float:
    """Return the CPU seconds that the durable engine adds to the seventy beats, the median of some rounds."""
    store = open_store(f"sqlite:///{folder / 'engine.sqlite3'}", folder)
    durable = Durable(store.engine)
    plans = [idle(plan) for plan in conductor.load_all().values()]
    assert sum(len(plan.parts) for plan in plans) == 70
    types = {name: kind for plan in plans for name, kind in plan.types.items()}
    ports: dict[type, object] = {port: None for plan in plans for part in plan.parts for port in part.ports.values()}
    taken: list[float] = []

    def work(data: Any) -> None:
        codec = TypedCodec(types, store)
        lasting = incident(plans, Stage(ports, durable, codec), str(data["name"]))
        taken.append(lasting - incident(plans, Stage(ports, Direct(), app.NoCodec()), "direct"))

    durable.register("incident", work)
    durable.launch()
    for number in range(ROUNDS):
        durable.start(Job(f"incident:{number}", "incident", {"name": f"i{number}"}))
    while len(taken) < ROUNDS:
        time.sleep(0.05)
    durable.stop()
    store.close()
    return sorted(taken)[ROUNDS // 2]
