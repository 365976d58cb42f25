"""`view`: the heatmap, the flow validator, the coverage report and the execution timeline of telemetry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from bot.cli import settings_for
from bot.commands.common import Story, state_option
from bot.commands.heal import readable

PATHS = click.Path(path_type=Path)


@click.command("view")
@click.argument("name", type=click.Choice(["heatmap", "flow", "coverage", "timeline"]))
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--repo", type=PATHS, help="The checkout that the telemetry belongs to.")
@click.option("--sequences", default="", metavar="DIR", help="Declared sequences.")
@click.option("--format", "form", type=click.Choice(["md", "svg", "json"]), default="md", show_default=True)
@state_option
def view_command(name: str, paths: tuple[Path, ...], form: str, state: str | None, **where: Path | str | None) -> None:
    """Show telemetry as a heatmap, a flow, a coverage report or a timeline, on stdout."""
    from bot import services

    repo, sequences = where["repo"], str(where["sequences"] or "")
    wanted = services.Look(
        paths=tuple(str(readable(path)) for path in paths),
        sequences=str(readable(Path(sequences))) if sequences else "",
        repo=str(readable(Path(repo))) if repo else "",
    )
    click.echo(services.view(settings_for(state), (cast(Any, name), form), wanted, Story()), nl=False)
