"""Lay edits out as the project's own formatters would, in files that they were content with before."""

from __future__ import annotations

from pathlib import Path

from bot.codebase import Codebase
from bot.errors import BotError
from bot.fixing.commands import changed_by
from bot.model import FileEdit
from bot.ports import Sandbox
from bot.proof.trees import patched
from bot.scratch import scratch

# in this order: what one tool leaves, the next one lays out
_TOOLS: dict[str, tuple[str, ...]] = {
    "ruff": ("ruff", "check", "--fix", "--exit-zero", "--"),
    "isort": ("isort", "--quiet", "--"),
    "ruff-format": ("ruff", "format", "--quiet", "--"),
    "black": ("black", "--quiet", "--"),
}


class Tidy:
    """Runs the formatters among a project's checks; what they think of the files as they are is asked once."""

    def __init__(self, codebase: Codebase, sandbox: Sandbox) -> None:
        """Take the tools that the project's checks name."""
        self.codebase, self.sandbox = codebase, sandbox
        named = {check.tool for check in codebase.info.checks}
        self.commands = [command for tool, command in _TOOLS.items() if tool in named]
        self._content: dict[tuple[tuple[str, ...], str], bool] = {}

    def tidied(self, edits: tuple[FileEdit, ...]) -> tuple[FileEdit, ...]:
        """Return the edits as the formatters leave them; those that a tool can't be asked about stay as they are."""
        for command in self.commands:
            new = {edit.path for edit in edits if edit.text is not None and edit.path not in self.codebase.files}
            python = [edit.path for edit in edits if edit.text is not None and edit.path.endswith(".py")]
            paths = tuple(path for path in python if path in new or self._was_content(command, path))
            if paths:
                edits = self._through((*command, *paths), edits)
        return edits

    def _was_content(self, command: tuple[str, ...], path: str) -> bool:
        key = (command, path)
        if key not in self._content:
            try:
                changed, _ = changed_by((*command, path), self.codebase, self.sandbox)
                self._content[key] = all(edit.path != path for edit in changed)
            except BotError:
                self._content[key] = False
        return self._content[key]

    def _through(self, command: tuple[str, ...], edits: tuple[FileEdit, ...]) -> tuple[FileEdit, ...]:
        with scratch() as folder:
            try:
                tree = patched(Path(self.codebase.info.tree), edits, folder / "tree")
                info = self.codebase.info.model_copy(update={"tree": str(tree)})
                changed, _ = changed_by(command, Codebase(info), self.sandbox)
            except BotError:
                return edits
        texts = {edit.path: edit for edit in changed}
        return tuple(texts.get(edit.path, edit) for edit in edits)
