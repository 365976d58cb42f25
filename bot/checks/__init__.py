"""Which checks a project has, and running them through the sandbox."""

from __future__ import annotations

from bot.checks.discovery import discover

__all__ = ["discover"]
