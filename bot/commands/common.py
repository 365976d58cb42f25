"""Options and helpers that commands share."""

from __future__ import annotations

from typing import Any

import click

json_option = click.option("--json", "target", metavar="FILE", help="Write JSON to FILE (- is stdout).")
state_option = click.option("--state", metavar="DIR", help="Where records are kept.")


class Story:
    """Progress on stderr: the story line by line, and a counter that is rewritten on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status: Any = None

    def say(self, text: str) -> None:
        """Tell one line of the story."""
        self.console.print(f"[dim]·[/dim] {escaped(text)}")

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        """Show how far a task is, on a terminal only."""
        if self.console.is_terminal:
            end = f" of {total}" if total else ""
            self.console.print(f"[dim]  {escaped(task)}: {done}{end}[/dim]", end="\r")


def escaped(text: str) -> str:
    """Return text in which nothing is markup and no control character is left."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() or c == "\n" else "?" for c in text))
