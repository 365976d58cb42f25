"""`token`: let another CI, or production, send logs and telemetry for a repository."""

from __future__ import annotations

import sys

import click

from bot.cli import settings_for, tell
from bot.commands.common import state_option


@click.command("token")
@click.argument("repository")
@click.option("--revoke", is_flag=True, help="Revoke all tokens of the repository instead.")
@state_option
def token_command(repository: str, revoke: bool, state: str | None) -> None:
    """Make a token that may send logs and telemetry for REPOSITORY (OWNER/NAME); it is printed once."""
    from bot import services

    if revoke:
        tell(f"{services.revoke_tokens(settings_for(state), repository)} token(s) revoked")
        return
    sys.stdout.write(services.make_token(settings_for(state), repository) + "\n")
    tell("Keep it; it is not shown again. Send it as `Authorization: Bearer TOKEN`.")
