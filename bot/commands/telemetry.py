"""`diagnose`, `telemetry` and `detect`: read logs and telemetry without repairing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli import give, settings_for
from bot.commands.common import Story, escaped, json_option, state_option
from bot.commands.heal import readable

SHOWN = 100  # failures told on the screen
PATHS = click.Path(path_type=Path)


@click.command("diagnose")
@click.argument("files", nargs=-1, required=True, type=PATHS)
@click.option("--repo", type=PATHS, help="The checkout the logs belong to.")
@json_option
def diagnose_command(files: tuple[Path, ...], repo: Path | None, target: str | None) -> None:
    """Say what failed in CI logs (plain, gzip or run-log zip), root cause first."""
    from bot import logs

    found = logs.diagnose([(str(file), readable(file)) for file in files], checkout=repo)
    give(found.model_dump(mode="json", by_alias=True), target)
    console = Story().console
    console.print(f"verdict: [bold]{found.verdict}[/bold]")
    for failure in found.failures[:SHOWN]:
        where = f" {failure.file}:{failure.line}" if failure.file else ""
        console.print(escaped(f"{failure.klass} ({failure.tool}){where} {failure.test_id or ''} {failure.message}"))
    if len(found.failures) > SHOWN:
        console.print(f"and {len(found.failures) - SHOWN} more; --json has them all")
    for line in found.not_understood:
        console.print(escaped(f"not understood: {line}"))


@click.command("telemetry")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--out", type=PATHS, help="For `export`: the folder that gets the Parquet files.")
@json_option
@state_option
def telemetry_command(paths: tuple[Path, ...], out: Path | None, target: str | None, state: str | None) -> None:
    """Add up logs and telemetry: counts, times and errors of each handler and sequence.

    `selfheal telemetry export [PATHS]... --out DIR` writes them as Parquet instead; without PATHS, all that the state
    holds.
    """
    from bot import services

    if str(paths[0]) == "export" and (out is not None or not paths[0].exists()):
        _export(paths[1:], out, state)
        return
    metrics = services.telemetry(settings_for(state), tuple(str(readable(path)) for path in paths), Story())
    give(metrics.model_dump(mode="json", by_alias=True), target)
    rows = [{"handler": name, **one.model_dump(mode="json")} for name, one in sorted(metrics.handlers.items())]
    if target is None:
        from bot.commands.lists import show

        show(rows, None, ("handler", "count", "avgTime", "p50", "p95Time", "p99Time", "errorRate", "lastSeen"))


def _export(paths: tuple[Path, ...], out: Path | None, state: str | None) -> None:
    from bot import services

    if out is None:
        raise click.UsageError("export needs --out DIR")
    files = tuple(str(readable(path)) for path in paths)
    for path in services.export(settings_for(state), files, out, Story()):
        click.echo(path)


@click.command("detect")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--baseline", default="", metavar="FILE", help="What is normal: metrics JSON or raw events.")
@click.option("--sequences", default="", metavar="DIR", help="Declared sequences.")
@click.option("--repo", type=PATHS, help="The checkout that the telemetry belongs to.")
@json_option
@state_option
def detect_command(
    paths: tuple[Path, ...], target: str | None, state: str | None, repo: Path | None, **where: Any
) -> None:
    """Find anomalies in logs and telemetry, against declared sequences and a baseline."""
    from bot import services

    wanted = services.Look(
        paths=tuple(str(readable(path)) for path in paths),
        baseline=str(readable(Path(where["baseline"]))) if where["baseline"] else "",
        sequences=str(readable(Path(where["sequences"]))) if where["sequences"] else "",
        repo=str(readable(repo)) if repo else "",
    )
    found = services.detect(settings_for(state), wanted, Story())
    anomalies = [one.model_dump(mode="json", by_alias=True) for one in found.all_anomalies]
    give({"anomalies": anomalies, "suppressed": list(found.suppressed), "not_checked": list(found.not_checked)}, target)
    console = Story().console
    for one in found.all_anomalies:
        console.print(escaped(f"{one.severity:8} {one.type:13} {one.handler or one.sequence or ''}: {one.description}"))
    for line in found.not_checked:
        console.print(escaped(f"not checked: {line}"))
