"""`serve`: run the GitHub App."""

from __future__ import annotations

import click

from bot.cli import settings_for
from bot.commands.common import state_option


@click.command("serve")
@state_option
def serve_command(state: str | None) -> None:
    """Receive webhooks, heal, open pull requests and merge them when the rules allow."""
    from bot.serve.server import serve

    serve(settings_for(state))
