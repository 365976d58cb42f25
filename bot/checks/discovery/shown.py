"""Checks that only a log shows: the failing command is known by its tool, the project's files name none."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Check, Failure

BY_LOG = (
    Check(name="ruff", kind="lint", tool="ruff", argv=("ruff", "check", "--no-cache", ".")),
    Check(name="flake8", kind="lint", tool="flake8", argv=("flake8", "."), needs=("flake8",)),
    Check(name="ruff-format", kind="format", tool="ruff", argv=("ruff", "format", "--check", ".")),
    Check(name="black", kind="format", tool="black", argv=("black", "--check", "."), needs=("black",)),
    Check(name="isort", kind="format", tool="isort", argv=("isort", "--check-only", "."), needs=("isort",)),
)
"""Tools by the names that parsers give them, each looking at the whole project as it does when nothing is named."""


def shown_by(failures: Iterable[Failure], known: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks that logs show to have failed and that are not among those that the project's files name."""
    tools = {failure.tool.removeprefix("pre-commit/") for failure in failures if failure.log}
    have = {(check.tool, check.kind) for check in known}
    return tuple(check for check in BY_LOG if check.name in tools and (check.tool, check.kind) not in have)
