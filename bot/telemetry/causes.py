"""What makes two errors the same: the exception's type and its message without what varies from call to call."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import re2

VERSION = "e1"  # stands in every key: a later rule makes new keys and never regroups old ones
_ERROR = re2.compile(r"(?m)^((?:[A-Za-z_][A-Za-z0-9_]*\.)*[A-Z][A-Za-z0-9_]*)(?::[ \t]*(.*))?[ \t]*$")
_FRAME = re2.compile(r'(?m)^\s*File "([^"]+)", line ([0-9]+)(?:, in (\S+))?')
_SPLIT = re2.compile(r"(?m)^(?:The above exception was the direct cause|During handling of the above exception).*$")
_VARYING = (
    (re2.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}"), "U"),
    (re2.compile(r"0x[0-9a-fA-F]+"), "H"),
    (re2.compile(r"\b[0-9a-f]{12,64}\b"), "H"),
    (re2.compile(r"(?:[A-Za-z]:)?(?:/[\w.@+-]+){2,}"), "P"),
    (re2.compile(r"[0-9]+(?:\.[0-9]+)?"), "N"),
    (re2.compile(r"\s+"), " "),
)


class Cause(NamedTuple):
    """One cause of error: its key, the exception's dotted type, its message, and its frames, innermost last."""

    key: str
    exception: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()  # file, line, function


@lru_cache(maxsize=8192)
def normal_message(message: str) -> str:
    """Return the message with numbers, addresses, ids and paths replaced, at most 200 characters."""
    for pattern, stand_in in _VARYING:
        message = str(pattern.sub(stand_in, message[:2000]))
    return message.strip()[:200]


@lru_cache(maxsize=8192)
def cause_of(error: str) -> Cause:
    """Return the cause in an error text: `Type: message`, or a traceback (of chained ones the direct cause).

    Of "the direct cause" chains the first exception counts, of "during handling" the last: the one was meant,
    the other is what went wrong.
    """
    part = _deciding(error)
    found = list(_ERROR.finditer(part))
    exception, message = (found[-1].group(1), found[-1].group(2) or "") if found else ("", part.strip())
    frames = tuple((f.group(1), int(f.group(2)[:9]), f.group(3) or "") for f in _FRAME.finditer(part))
    return Cause(key_of(exception, message), exception, message.strip()[:500], frames[-50:])


def key_of(exception: str, message: str) -> str:
    """Return the versioned key of a cause: the last part of the exception's name and the normalised message."""
    return f"{VERSION}:{exception.rpartition('.')[2]}:{normal_message(message)}"


def _deciding(error: str) -> str:
    if "Traceback (most recent call last)" not in error:
        return error
    direct = error.find("The above exception was the direct cause")
    if direct > 0:
        return error[:direct]
    return str(_SPLIT.split(error)[-1])
