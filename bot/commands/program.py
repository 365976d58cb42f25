"""The program as click sees it: commands that load when they are called."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import COMMANDS, WRONG, overview, tell


class Program(click.Group):
    """Commands load when they are called, and expected errors become one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, importing its module now; None when there is none."""
        import importlib

        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bot.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the overview, without importing any command."""
        return overview().rstrip()

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an expected error ends with exit code 2 and says what to do next."""
        from bot.errors import BotError

        try:
            return super().invoke(ctx)
        except BotError as error:
            tell(f"selfheal: {error.explained()}")
            ctx.exit(WRONG)


@click.command(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="self-healing-bot", prog_name="selfheal")
def program() -> None:
    """Find, fix, prove and merge repairs of Python repositories."""
