"""`doctor`: is everything there that healing takes?"""

from __future__ import annotations

import sys

import click

from bot.cli import give, settings_for
from bot.commands.common import Story, escaped, json_option, state_option


@click.command("doctor")
@json_option
@state_option
def doctor_command(target: str | None, state: str | None) -> None:
    """Check sandbox, database, disk and configuration; exit code 1 when a check fails."""
    from bot import services

    results = services.doctor(settings_for(state))
    give([{"name": one.name, "ok": one.ok, "seen": one.seen, "hint": one.hint} for one in results], target)
    console = Story().console
    for one in results:
        mark = "[green]ok[/green]  " if one.ok else "[red]FAIL[/red]"
        hint = f"  ({one.hint})" if one.hint and not one.ok else ""
        console.print(f"{mark} {escaped(one.name)}: {escaped(one.seen + hint)}")
    sys.exit(0 if all(one.ok for one in results) else 1)
