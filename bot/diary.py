"""The App's own log: one JSON object a line on stderr, each with the id of the delivery that it goes back to."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from bot.redact import redact

NAME = "selfheal"
_trace: ContextVar[str] = ContextVar("trace", default="")
_log = logging.getLogger(NAME)


def configure(level: str) -> None:
    """Send the log to stderr from a level on, such as `INFO`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.handlers = [handler]
    _log.setLevel(level)
    _log.propagate = False


@contextmanager
def tracing(trace: str) -> Iterator[None]:
    """Let every line that is written meanwhile, in this thread, carry a correlation id."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def trace() -> str:
    """Return the correlation id of what is done now, or an empty text."""
    return _trace.get()


def told(text: str, **facts: Any) -> None:
    """Write one line: when, what, the correlation id, and whatever else is known; secrets are taken out."""
    known = {"trace": _trace.get(), **facts}
    kept = {key: value for key, value in known.items() if value not in ("", None)}
    if _log.isEnabledFor(logging.INFO):
        _log.info(redact(json.dumps({"at": datetime.now(UTC).isoformat(), "text": text, **kept})))
