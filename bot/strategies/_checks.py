"""The project's own checks as commands that repair instead of complain."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Check, Diagnosis


def tool_of(diagnosis: Diagnosis) -> str:
    """Return the tool that complained, as the log parser named it."""
    return diagnosis.details.get("tool") or next((f.tool for f in diagnosis.failures if f.tool), "")


def check_of(diagnosis: Diagnosis, codebase: Codebase, *, kind: str, tool: str) -> Check | None:
    """Return the project's check of a kind and tool, the one whose command is in the diagnosis first."""
    found = [check for check in codebase.info.checks if check.kind == kind and check.tool == tool]
    return next((c for c in found if c.name == diagnosis.details.get("check")), found[0] if found else None)


def files_of(diagnosis: Diagnosis, codebase: Codebase, *suffixes: str) -> tuple[str, ...]:
    """Return the files that the tool complained about and that are really there, in order."""
    named = [failure.file or "" for failure in diagnosis.failures] + [diagnosis.file]
    return tuple(dict.fromkeys(path for path in named if path in codebase.files and path.endswith(suffixes)))


def codes_of(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Return the codes of the rules that were broken, each once."""
    codes = [failure.code for failure in diagnosis.failures] + [diagnosis.details.get("code", "")]
    return tuple(dict.fromkeys(code for code in codes if code))


def without(arguments: Iterable[str], *flags: str) -> tuple[str, ...]:
    """Return the arguments without these flags (a flag that ends in `=` goes with any value)."""
    return tuple(
        argument
        for argument in arguments
        if argument not in flags and not any(f.endswith("=") and argument.startswith(f) for f in flags)
    )
