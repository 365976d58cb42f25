"""Which checks a project has, and running them through the sandbox."""

from __future__ import annotations

from bot.checks.discovery import discover
from bot.checks.run import TestError, TestRun, Watched, collect_tests, run_check, run_tests, watch_function

__all__ = ["TestError", "TestRun", "Watched", "collect_tests", "discover", "run_check", "run_tests", "watch_function"]
