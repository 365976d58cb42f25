"""The command line: the overview and the way to each command, which is loaded only when it is called."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings

WRONG, INTERRUPTED = 2, 130


def give(data: Any, target: str | None) -> None:
    """Write data as JSON in UTF-8 to a file, or to stdout for `-`; a byte that is no text becomes a JSON escape."""
    import json

    if target is None:
        return
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n"
    written = text.encode("utf-8", "backslashreplace")
    if target == "-":
        sys.stdout.buffer.write(written)
        return
    with open(target, "wb") as file:
        file.write(written)


def tell(text: str) -> None:
    """Write one line for a person to stderr."""
    print(text, file=sys.stderr)


def settings_for(state: str | None) -> Settings:
    """Return the settings of the environment, with `--state` on top."""
    from bot.settings import read

    return read(state=state)


COMMANDS = {
    "approve": ("forge", "Approve a delivered fix, so that it may merge."),
    "config": ("config", "Check a policy file, print its schema, or try it."),
    "demo": ("heal", "Heal the example that comes with the program."),
    "detect": ("telemetry", "Find anomalies in logs and telemetry."),
    "detectors": ("lists", "List the detectors."),
    "diagnose": ("telemetry", "Say what failed in CI logs, root cause first."),
    "docs": ("docs", "Write handler, sequence and test pages of a checkout."),
    "doctor": ("doctor", "Check sandbox, database, disk and configuration."),
    "explain": ("forge", "Explain a fix, a cause or a record."),
    "handlers": ("lists", "List the seventy handlers."),
    "heal": ("heal", "Find, fix and prove what is broken in a checkout."),
    "recorder": ("recorder", "Write the recorder for your own code, and say how to use it."),
    "replay": ("replay", "Work a kept webhook delivery off once more."),
    "rules": ("lists", "List the approval rules."),
    "sequences": ("lists", "List the seven sequences."),
    "serve": ("serve", "Run the GitHub App."),
    "strategies": ("lists", "List the repairs, with their record."),
    "token": ("token", "Make or revoke a token for uploads."),
    "view": ("view", "Show telemetry as heatmap, flow, coverage report or timeline."),
    "telemetry": ("telemetry", "Add up logs and telemetry."),
}


def overview() -> str:
    """Return the text of `selfheal --help`."""
    width = max(len(name) for name in COMMANDS)
    listed = "\n".join(f"  {name:{width}}  {summary}" for name, (_, summary) in sorted(COMMANDS.items()))
    return f"{HEAD}\n\nCommands:\n{listed}\n\n`selfheal COMMAND --help` says more of each.\n"


HEAD = """\
Usage: selfheal [OPTIONS] COMMAND [ARGS]...

  Find, fix, prove and merge repairs of Python repositories.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit."""


def main() -> None:
    """Run the program; an interrupt ends with 130, a closed pipe quietly."""
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        sys.stdout.write(overview())
        return
    from bot.commands.program import program

    try:
        program(standalone_mode=True)
    except KeyboardInterrupt:
        tell("selfheal: interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
