"""The machine's own time, and a clock that tests set by hand."""

from __future__ import annotations

import time


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Return UTC in seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to; `now` and `monotonic` go together."""

    def __init__(self, at: float = 1_700_000_000.0) -> None:
        self._start = at
        self._at = at

    def now(self) -> float:
        """Return the set time in seconds since 1970."""
        return self._at

    def monotonic(self) -> float:
        """Return the seconds passed since the clock was made."""
        return self._at - self._start

    def pass_(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._at += seconds
