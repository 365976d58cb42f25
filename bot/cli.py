"""The command line: each command calls one function of `bot.app`."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="self-healing-bot")
def main() -> None:
    """Find, fix, prove and merge repairs of Python repositories."""
