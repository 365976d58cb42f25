"""`docs`: writes pages on handlers, sequences and tests."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import settings_for
from bot.commands.common import Story, state_option
from bot.commands.heal import existing, readable
from bot.errors import Misconfigured

PATHS = click.Path(path_type=Path)


@click.command("docs")
@click.argument("repo", type=PATHS)
@click.option("--telemetry", type=PATHS, metavar="P", help="Events to add: a file or folder.")
@click.option("--out", type=PATHS, required=True, metavar="DIR", help="The folder to write the pages into.")
@state_option
def docs_command(repo: Path, telemetry: Path | None, out: Path, state: str | None) -> None:
    """Write handler, sequence and test pages of the checkout REPO from its code, tests and telemetry."""
    from bot import services

    paths = (str(readable(telemetry)),) if telemetry else ()
    look = services.Look(paths=paths, repo=str(existing(repo)))
    story = Story()
    pages = services.docs(settings_for(state), look, story)
    try:
        for name, text in pages.items():
            target = out / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{out} can't be written: {error.strerror}", hint="Name a folder you may write to."
        ) from None
    story.console.print(f"wrote {len(pages)} pages to {out}")
