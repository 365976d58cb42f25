"""Trim trailing white space, end files with one line feed and unify line ends, as pre-commit's hooks would."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._checks import files_of, tools_of
from bot.strategies._text import edit


def _trimmed(text: str) -> str:
    return "\n".join(
        line[:-1].rstrip(" \t") + "\r" if line.endswith("\r") else line.rstrip(" \t") for line in text.split("\n")
    )


def _ended(text: str) -> str:
    body = text.rstrip("\r\n")
    return f"{body}{chr(13) if chr(13) + chr(10) in text else ''}\n" if body else ""


def _one_kind(text: str) -> str:
    windows = text.count("\r\n")
    unix = text.replace("\r\n", "\n")
    return unix.replace("\n", "\r\n") if windows > unix.count("\n") - windows else unix


_HOOKS: dict[str, Callable[[str], str]] = {
    "trailing-whitespace": _trimmed,
    "end-of-file-fixer": _ended,
    "mixed-line-ending": _one_kind,
}


@strategy(causes=("format", "pre-commit"), trust="auto", prior=0.95)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the files that the hooks changed."""
    for hook in sorted(tools_of(diagnosis) & _HOOKS.keys()):
        edits: list[FileEdit] = []
        for path in files_of(diagnosis, codebase, ""):
            edits += edit(path, codebase.text(path), _HOOKS[hook](codebase.text(path)))
        if edits:
            yield Proposal(
                strategy="whitespace",
                title=f"Apply {hook} to {edits[0].path}" if len(edits) == 1 else f"Apply {hook} to {len(edits)} files",
                edits=tuple(edits),
                confidence=0.97,
                why=f"the hook {hook} changed these files; nothing but white space differs.",
            )
