"""`heal` and `demo`: find, fix and prove what is broken in a checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from bot.cli import WRONG, give, settings_for, tell
from bot.commands.common import Story, escaped, json_option, state_option
from bot.errors import BotError, Misconfigured
from bot.scratch import scratch

PATHS = click.Path(path_type=Path)


@click.command("heal")
@click.argument("path", type=PATHS)
@click.option("--log", "logs", multiple=True, metavar="FILE", help="A CI log to start from (several allowed).")
@click.option("--telemetry", metavar="DIR", help="Telemetry to start from.")
@click.option("--baseline", default="", metavar="FILE", help="What is normal: metrics JSON or raw events.")
@click.option("--sequences", default="", metavar="DIR", help="Where sequence files lie in the repository.")
@click.option(
    "--good",
    default="",
    metavar="REF",
    help="The last commit known to be green; what linters find in it already is left alone.",
)
@click.option("--budget", default=300.0, metavar="SECONDS", type=click.FloatRange(min=1), help="Time to spend.")
@click.option("--seed", default=0, metavar="N", help="The same seed gives the same result.")
@click.option("--apply", is_flag=True, help="Write the patch into the checkout.")
@click.option("--deliver", type=PATHS, metavar="DIR", help="Also open a pull request on a local forge in DIR.")
@click.option("--trust-code", is_flag=True, help="Run the repository's code without a sandbox if there is none.")
@json_option
@state_option
def heal_command(path: Path, target: str | None, **options: Any) -> None:
    """Find, fix and prove what is broken in the git checkout at PATH; stdout is the patch."""
    story = Story()
    try:
        report, code = run(path, story, options)
    except BotError as error:
        from bot.report import failed

        give(failed(str(error), error.hint), target)
        tell(f"selfheal: {error.explained()}")
        sys.exit(WRONG)
    from bot.codebase.texts import encode
    from bot.report import as_json

    give(as_json(report), target)
    if target != "-":
        # As bytes: what is no UTF-8 in the files is none in the patch either.
        sys.stdout.buffer.write(encode(report.patch))
    sys.exit(code)


def run(path: Path, story: Story, options: dict[str, Any]) -> tuple[Any, int]:
    """Heal a checkout as the options say; returns the report and the exit code."""
    from bot import app
    from bot.codebase.texts import write_exact
    from bot.healed import Wish
    from bot.report import EXIT
    from bot.report import story as lines_of

    top = app.find_top(existing(path))
    deliver = options.get("deliver")
    own = options.get("state") or (str(deliver) if deliver else None)
    with scratch() as folder:
        settings = settings_for(own or str(folder))
        wish = Wish(
            id=app.new_id(),
            checkout=top,
            repository=app.repository_name(top),
            logs=tuple(str(readable(Path(log))) for log in options.get("logs", ())),
            telemetry=(str(readable(Path(options["telemetry"]))),) if options.get("telemetry") else (),
            baseline=options.get("baseline", ""),
            sequences=options.get("sequences", ""),
            good=options.get("good", ""),
            seed=options.get("seed", 0),
            budget_seconds=options.get("budget", 300.0),
        )
        chosen = app.Options(trust_code=options.get("trust_code", False), deliver=deliver, original=top)
        report = app.heal(settings, wish, story, chosen)
    if options.get("apply"):
        for name, text in report.edits.items():
            write_exact(top / name, text)
    for line in lines_of(report):
        story.console.print(escaped(line))
    return report, EXIT[report.status]


def existing(path: Path) -> Path:
    """Return an existing folder as an absolute path; raises `Misconfigured` when it is none."""
    if not path.is_dir():
        raise Misconfigured(f"{path} is not a folder", hint="Give the path of a git checkout.")
    return path.resolve()


def readable(path: Path) -> Path:
    """Return a readable path as an absolute one; raises `Misconfigured` when it can't be read."""
    try:
        if path.is_file():
            path.open("rb").close()
        elif not path.is_dir():
            raise Misconfigured(f"{path} does not exist", hint="Give the path of a log or of a folder.")
    except OSError as error:
        raise Misconfigured(f"{path} can't be read: {error.strerror}", hint="Check who may read it.") from None
    return path.resolve()


@click.command("demo")
@click.option("--trust-code/--no-trust-code", default=True, help="The example is our own, so it may run unsandboxed.")
@json_option
def demo_command(trust_code: bool, target: str | None) -> None:
    """Copy the broken example that comes with the program, heal the copy, and show the evidence."""
    from bot.report import as_json

    story = Story()
    with scratch() as folder:
        copy = make_example(folder / "shop")
        story.console.print(f"[bold]A broken shop[/bold] in {copy}: its tests fail since the last commit.")
        if trust_code:
            story.console.print("The example is our own code, so this runs with --trust-code.")
        report, code = run(copy, story, {"trust_code": trust_code, "budget": 120.0})
        show_patch(story, report.patch)
        give(as_json(report), target)
    story.console.print("\nNow your own repository:  [bold]selfheal heal PATH[/bold]   (nothing is written to it)")
    sys.exit(code)


def show_patch(story: Story, patch: str) -> None:
    """Print a patch in colour on stderr."""
    from rich.syntax import Syntax

    story.console.print(Syntax(patch, "diff", background_color="default"))


def make_example(target: Path) -> Path:
    """Copy the example, commit its good version and then its broken one; returns the checkout."""
    example = examples() / "shop"
    shutil.copytree(example / "good", target)
    commit(target, "Sell things", first=True)
    shutil.copytree(example / "broken", target, dirs_exist_ok=True)
    commit(target, "Give a discount to large orders")
    return target


def examples() -> Path:
    """Return the folder of the examples that the program was shipped with."""
    package = Path(__file__).parent.parent
    shipped = package / "data" / "examples"
    return shipped if shipped.is_dir() else package.parent / "examples"


def commit(folder: Path, message: str, *, first: bool = False) -> None:
    """Commit everything in a folder as the demo's author."""
    who = ["-c", "user.name=Demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]
    steps = [["init", "-q", "-b", "main"]] if first else []
    for step in [*steps, ["add", "-A"], [*who, "commit", "-q", "-m", message]]:
        subprocess.run(["git", *step], cwd=folder, check=True, capture_output=True)
