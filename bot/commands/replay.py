"""`replay`: work a kept webhook delivery off once more."""

from __future__ import annotations

import sys

import click

from bot.cli import settings_for, tell
from bot.commands.common import state_option


@click.command("replay")
@click.argument("delivery")
@state_option
def replay_command(delivery: str, state: str | None) -> None:
    """Let the running server work off DELIVERY (its X-GitHub-Delivery id) again; prints the jobs it started."""
    from bot import services

    jobs = services.replay(settings_for(state), delivery)
    sys.stdout.write("".join(f"{job}\n" for job in jobs))
    tell(f"{len(jobs)} job(s) started" if jobs else "This delivery asks for nothing.")
