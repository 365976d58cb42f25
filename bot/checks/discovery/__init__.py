"""Which commands must succeed for a project to be healthy, read from its files alone."""

from __future__ import annotations

from collections.abc import Mapping

from bot.checks.discovery.suites import test_checks
from bot.checks.discovery.tools import tool_checks
from bot.model import Check

__all__ = ["discover"]


def discover(files: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the project's checks: its test command, then the tools that it configures or calls itself.

    A tool that the project nowhere names is no check of it. Commands from tox, nox, make and workflows win over the
    default command of a tool; `needs` carry the version that the project pins.
    """
    return (*test_checks(files), *tool_checks(files))
