"""The few errors there are, each with one policy and a word on what to do next.

BotError
 +- Misconfigured   the user can fix it: exit code 2, nothing was done
 +- Transient       the world failed for a moment: retry with back-off
 +- Declined        the case ends here without a fault: skip it and say why
 +- Refused         a policy or a safety rule forbids it: stop and say who can unblock it

This module imports nothing of the project, so that everything can raise these.
"""

from __future__ import annotations


class BotError(Exception):
    """An expected error: `str()` is what happened and why, `hint` is what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def explained(self) -> str:
        """Return the message and the hint as one short text for a person."""
        return f"{self}\n  {self.hint}" if self.hint else str(self)


class Misconfigured(BotError):
    """Input, environment or configuration is wrong; names file, line and key where there is one."""


class Transient(BotError):
    """Something outside failed for a moment; `retry_after` is in seconds, 0 when unknown."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Declined(BotError):
    """The case ends here without a fault; the message is the reason."""


class Refused(BotError):
    """A policy or a safety rule forbids the step; the message names the rule."""
