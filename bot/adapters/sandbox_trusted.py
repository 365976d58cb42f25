"""No isolation, by the caller's explicit wish: a clean environment, limits, and nothing left running afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.sandbox_hosted_base import HostedSandbox
from bot.adapters.sandbox_layout import Toolchain
from bot.ports import SandboxLevel


class Trusted(HostedSandbox):
    """Runs jobs as plain processes in a folder of their own; only for code that the user vouches for."""

    @property
    def level(self) -> SandboxLevel:
        """Return `trusted`."""
        return "trusted"

    def orders(self, folder: str, tools: Toolchain, program: str) -> Mapping[str, Any]:
        """Return nothing: the launcher only limits the job and cleans up after it."""
        return {}
