"""`handlers`, `sequences`, `strategies`, `rules`, `detectors`: what the program is made of."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import give, settings_for
from bot.commands.common import Story, escaped, json_option, state_option


def show(rows: list[dict[str, Any]], target: str | None, columns: tuple[str, ...]) -> None:
    """Write rows as JSON, or as a table on stderr when no file is named."""
    if target is not None:
        give(rows, target)
        return
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(escaped(_cell(row[column])) for column in columns))
    Story().console.print(table)


def _cell(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)


@click.command("handlers")
@json_option
def handlers_command(target: str | None) -> None:
    """List the seventy handlers with their kind, inputs and outputs."""
    from bot.conductor import load_all

    rows = [
        {
            "name": part.beat.handler,
            "sequence": plan.sequence.id,
            "beat": part.beat.beat,
            "kind": part.beat.kind,
            "inputs": [*part.takes, *(port.__name__ for port in part.ports.values())],
            "outputs": list(part.gives),
            "summary": part.unit.summary,
        }
        for plan in in_order(load_all())
        for part in plan.parts
    ]
    show(rows, target, ("sequence", "beat", "name", "kind", "summary"))


ORDER = (
    "telemetry.parse",
    "anomaly.detect",
    "diagnosis.analyze",
    "fix.generate",
    "validation.run",
    "deployment.deploy",
    "learning.track",
)


def in_order(plans: dict[str, Any]) -> list[Any]:
    """Return plans in the order in which they follow each other."""
    return sorted(plans.values(), key=lambda plan: ORDER.index(plan.sequence.id))


@click.command("sequences")
@json_option
def sequences_command(target: str | None) -> None:
    """List the seven sequences as they are played."""
    from bot.conductor import load_all

    plans = in_order(load_all())
    rows = [plan.sequence.model_dump(mode="json") for plan in plans]
    if target is None:
        rows = [{**row, "beats": len(plan.parts)} for row, plan in zip(rows, plans, strict=True)]
    show(rows, target, ("id", "name", "beats", "description"))


@click.command("strategies")
@json_option
@state_option
def strategies_command(target: str | None, state: str | None) -> None:
    """List the repairs with the trust they claim, their causes, and how they have done."""
    from bot import services
    from bot.registry import units

    counts = services.strategy_counts(settings_for(state))
    rows = [
        {
            "name": unit.name,
            "summary": unit.summary,
            "trust": unit.about["trust"],
            "touches": unit.about.get("touches", "code"),
            "kind": unit.about.get("kind", "code"),
            "causes": list(unit.about["causes"]),
            "successes": counts.get(unit.name, (0, 0))[0],
            "failures": counts.get(unit.name, (0, 0))[1],
        }
        for unit in units("strategy").values()
    ]
    show(rows, target, ("name", "trust", "causes", "successes", "failures", "summary"))


def _units(kind: str) -> list[dict[str, Any]]:
    from bot.registry import units

    return [{"name": unit.name, "summary": unit.summary, **unit.about} for unit in units(kind).values()]


@click.command("rules")
@json_option
def rules_command(target: str | None) -> None:
    """List the approval rules."""
    show(_units("rule"), target, ("name", "stage", "summary"))


@click.command("detectors")
@json_option
def detectors_command(target: str | None) -> None:
    """List the detectors, one for each anomaly type."""
    show(_units("detector"), target, ("name", "summary"))
