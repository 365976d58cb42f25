"""Durations as logs write them, in milliseconds."""

from __future__ import annotations

import math

import re2

_MS = {
    "": 1.0,
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,
    "μs": 1e-3,
    "ms": 1.0,
    "msec": 1.0,
    "millis": 1.0,
    "s": 1e3,
    "sec": 1e3,
    "secs": 1e3,
    "second": 1e3,
    "seconds": 1e3,
    "m": 6e4,
    "min": 6e4,
    "mins": 6e4,
    "minute": 6e4,
    "minutes": 6e4,
    "h": 3.6e6,
    "hour": 3.6e6,
    "hours": 3.6e6,
}
_PART = re2.compile(r"([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([a-zA-Zµμ]*)\s*")
_CLOCK = re2.compile(r"^(?:([0-9]+):)?([0-9]{1,2}):([0-9]{2}(?:\.[0-9]+)?)$")


def milliseconds(value: object, unit: str = "") -> float | None:
    """Return a duration in milliseconds, or None when it is none (negative, not finite, unknown unit).

    A number counts in `unit` (milliseconds by default); a text may have units: `12.9ms`, `1.5 µs`, `1m30s`, `0:01.5`.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _valid(float(value) * _MS[unit])
    return _of_text(value.strip(), unit) if isinstance(value, str) else None


def _of_text(text: str, unit: str) -> float | None:
    clock = _CLOCK.search(text)
    if clock:
        hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return _valid((hours * 3600 + minutes * 60 + seconds) * 1e3)
    total, position = 0.0, 0
    for part in _PART.finditer(text):
        scale = _MS.get(part.group(2).lower() or unit)
        bare = not part.group(2) and part.end() - part.start() < len(text)
        if part.start() != position or scale is None or bare:
            return None
        total, position = total + float(part.group(1)) * scale, part.end()
    return _valid(total) if text and position == len(text) else None


def _valid(value: float) -> float | None:
    return value if math.isfinite(value) and value >= 0 else None
