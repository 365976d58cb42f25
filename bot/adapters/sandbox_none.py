"""The bottom of the ladder: no repository code runs here at all."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bot.errors import Refused
from bot.ports import Done, Job, SandboxLevel, Session

HINT = (
    "Install bubblewrap 0.8 or newer (apt install bubblewrap, dnf install bubblewrap), or use a kernel with Landlock "
    "(5.13 or newer); `selfheal doctor` shows what is missing. If you trust this code, pass --trust-code."
)


class NoSandbox:
    """Refuses every job; `why` says what the self-test found."""

    def __init__(self, why: str) -> None:
        self.why = why

    @property
    def level(self) -> SandboxLevel:
        """Return `none`."""
        return "none"

    def run(self, job: Job) -> Done:
        """Raise `Refused`: nothing runs at this level."""
        raise self._refusal()

    def session(self, job: Job) -> AbstractContextManager[Session]:
        """Raise `Refused`: nothing runs at this level."""
        raise self._refusal()

    def _refusal(self) -> Refused:
        return Refused(f"there is no sandbox on this machine, so no repository code runs: {self.why}", hint=HINT)
