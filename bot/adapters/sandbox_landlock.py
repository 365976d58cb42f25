"""The level for containers that forbid namespaces: Landlock for files, and a filter that allows no socket at all.

Landlock alone leaves UDP and unix sockets open, so no socket can be made. Processes of the machine stay visible to
no one: /proc can't be opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters import sandbox_seccomp
from bot.adapters.sandbox_hosted_base import HostedSandbox
from bot.adapters.sandbox_layout import PUBLIC, SYSTEM, Toolchain
from bot.ports import SandboxLevel

_DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")


class Landlock(HostedSandbox):
    """Runs jobs under Landlock and seccomp, in a folder of their own."""

    @property
    def level(self) -> SandboxLevel:
        """Return `landlock`."""
        return "landlock"

    def orders(self, folder: str, tools: Toolchain, program: str) -> Mapping[str, Any]:
        """Return the folders the job may read and write, and the filter of its system calls."""
        read = [*SYSTEM, *PUBLIC, *_DEVICES, *tools.readonly, program]
        return {
            "landlock": {"read": read, "write": [folder, "/dev/null"]},
            "seccomp": sandbox_seccomp.program(sockets=False).hex(),
        }
