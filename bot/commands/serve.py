"""`serve`: run the GitHub App."""

from __future__ import annotations

import click

from bot.cli import settings_for, tell
from bot.commands.common import state_option


@click.command("serve")
@click.option("--setup", is_flag=True, help="First create the App on GitHub: open /setup in a browser.")
@state_option
def serve_command(setup: bool, state: str | None) -> None:
    """Receive webhooks, heal, open pull requests and merge them when the rules allow."""
    from bot.serve.server import serve

    settings = settings_for(state)
    if setup:
        tell(f"Open http://{settings.host}:{settings.port}/setup in a browser.")
    serve(settings, setup=setup)
