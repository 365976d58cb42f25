"""Values that steer a run: what a sequence ends with and what it starts next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.base import Value


class Waiting(Value):
    """The run ends here and starts again from beat 1 when `wake_key` is woken or `poll_after` seconds passed."""

    reason: str
    wake_key: str
    poll_after: float


class Known(Value):
    """The request was answered before; `record_id` is the stored result."""

    record_id: str


class Stored(Value):
    """A record was written (or was there already under the same content)."""

    stored: bool
    record_id: str


class Start(Value):
    """An event that starts a sequence: its first beat listens to `event`; `record_id` is what it works on."""

    event: str
    request_id: str
    record_id: str
    subject: str = ""


class Completed(Value):
    """The end of a sequence: the record it left and the events that start what follows."""

    status: Literal["completed"] = "completed"
    record_id: str
    summary: str
    starts: tuple[Start, ...] = Field(default=())
