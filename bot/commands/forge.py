"""`approve` and `explain`: steer a delivered fix and ask why."""

from __future__ import annotations

import getpass

import click

from bot.cli import give, settings_for
from bot.commands.common import Story, escaped, json_option, state_option


@click.command("approve")
@click.argument("id_")
@click.option("--user", default="", help="Who approves; default: the name you are logged in with.")
@json_option
@state_option
def approve_command(id_: str, user: str, target: str | None, state: str | None) -> None:
    """Approve the fix or pull request ID that waits on the local forge, and go on with it."""
    from bot import services

    lines = services.approve(settings_for(state), id_, user or getpass.getuser(), Story())
    give({"id": id_, "story": lines}, target)


@click.command("explain")
@click.argument("id_")
@json_option
@state_option
def explain_command(id_: str, target: str | None, state: str | None) -> None:
    """Explain the record, cause, fix or strategy ID: what was seen, decided and why."""
    from bot import services

    lines = services.explain(settings_for(state), id_)
    give({"id": id_, "story": lines}, target)
    for line in lines:
        Story().console.print(escaped(line))
