"""`config validate|schema|simulate`: look at a policy file before it is in force."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import give, settings_for
from bot.commands.common import Story, escaped, json_option, state_option
from bot.policy import FILE


@click.group("config")
def config_command() -> None:
    """Check a policy file, print its schema, or try it on what was healed so far."""


def _text(file: str) -> str:
    path = Path(file) / FILE if Path(file).is_dir() else Path(file)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        from bot.errors import Misconfigured

        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Misconfigured(f"{path} can't be read: {why}", hint="Give a policy file or a checkout.") from None


@config_command.command("validate")
@click.argument("file", default=".")
@click.option("--defaults", metavar="FILE", help="The organisation's file, whose keys hold where FILE has none.")
@json_option
def validate(file: str, defaults: str | None, target: str | None) -> None:
    """Say what is wrong in a policy FILE (or that of a checkout), line by line; exit code 2 when something is."""
    from bot.configuring import validated

    told = validated(
        _text(file), name=file if Path(file).is_file() else FILE, defaults=_text(defaults) if defaults else ""
    )
    give(told.model_dump(), target)
    story = Story()
    for line in told.problems:
        story.console.print(escaped(line))
    if told.problems:
        raise SystemExit(2)
    story.console.print("The policy is right.")


@config_command.command("schema")
@json_option
def schema(target: str | None) -> None:
    """Print the JSON schema of the policy file."""
    from bot.policy import schema as made

    give(made(), target or "-")


@config_command.command("simulate")
@click.argument("file", default=".")
@click.option("--last", default=50, show_default=True, help="How many proofs to look at.")
@json_option
@state_option
def simulate(file: str, last: int, target: str | None, state: str | None) -> None:
    """Say what the policy FILE would have done with the fixes proven so far in the state."""
    from bot import services

    found = services.simulate(settings_for(state), _text(file), last)
    give([each.model_dump() for each in found], target)
    story = Story()
    for each in found:
        story.console.print(f"{escaped(each.fix)} ({each.type}, {escaped(each.title)}): {each.verdict}")
        for reason in each.blocking:
            story.console.print(f"  {escaped(reason)}")
    if not found:
        story.console.print("Nothing is proven in this state yet.")
