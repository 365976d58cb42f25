"""`recorder`: writes the file that users copy into their own code."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import Story, escaped
from bot.errors import Misconfigured

HOW = """\
Put `from selfheal_recorder import record` into your code and `@record` over the functions that matter; nothing is
recorded until SELFHEAL_TELEMETRY names a file, a folder or an OTLP address. The head of the file says the rest.

To record the test run of a workflow and give it to the App, which reads artifacts of this name:
"""


@click.command("recorder")
@click.argument("path", type=click.Path(path_type=Path))
def recorder_command(path: Path) -> None:
    """Write `selfheal_recorder.py` into the folder PATH (or as the file PATH): one file for Python 3.8 and later."""
    from bot.recorder import NAME, SNIPPET, source

    target = path if path.suffix == ".py" else path / NAME
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source(), encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{target} can't be written: {error.strerror}", hint="Name a folder you may write to."
        ) from None
    Story().console.print(escaped(f"wrote {target}\n\n{HOW}"))
    click.echo(SNIPPET, nl=False)
