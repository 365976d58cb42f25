"""Times as logs write them, as UTC seconds since 1970; what can't be read is None and never "now"."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

EARLIEST, LATEST = 631_152_000.0, 4_102_444_800.0  # 1990 and 2100: a number outside is no time of a log
_UNITS = (1.0, 1e3, 1e6, 1e9)  # seconds, milli-, micro- and nanoseconds: told apart by their size
_FORMS = (
    "%d/%b/%Y:%H:%M:%S %z",  # web servers' common log form
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S.%f",
    "%d.%m.%Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",  # C's asctime
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%Y-%m-%d %H:%M:%S %Z",
)


def utc(value: object) -> float | None:
    """Return `value` (text or a number) as UTC seconds since 1970, or None when it is no time between 1990 and 2100.

    A text without a zone counts as UTC. A number may be in seconds, milli-, micro- or nanoseconds.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _of_number(float(value))
    return None


def iso(at: float) -> str:
    """Return UTC seconds since 1970 as ISO 8601 with milliseconds and `Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _of_number(value: float) -> float | None:
    for unit in _UNITS:
        if EARLIEST <= value / unit <= LATEST:
            return value / unit
    return None


@lru_cache(maxsize=4096)
def _minute(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _of_text(text: str) -> float | None:
    # The common form by far: 2024-05-01T10:00:00.123Z. Its minute is looked up, its seconds are a number.
    if 20 <= len(text) <= 30 and text[-1] == "Z" and text[16] == ":":
        minute, seconds = _minute(text[:16]), text[17:-1]
        if minute is not None and seconds[:1].isdigit() and seconds.replace(".", "", 1).isdigit():
            return _bounded(minute + float(seconds)) if float(seconds) < 61 else None
    return _of_any_text(text.strip().strip("[]"))


def _of_any_text(text: str) -> float | None:
    if not text or len(text) > 64:
        return None
    if text.replace(".", "", 1).isdigit():
        return _of_number(float(text))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return _bounded(_with_zone(read(text)).timestamp())
        except (ValueError, TypeError, OverflowError):
            continue
    return _of_forms(text.replace(",", ".", 1))


def _of_forms(text: str) -> float | None:
    for form in _FORMS:
        try:
            return _bounded(_with_zone(datetime.strptime(text, form)).timestamp())
        except (ValueError, OverflowError):
            continue
    return None


def _with_zone(found: datetime) -> datetime:
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _bounded(at: float) -> float | None:
    return at if EARLIEST <= at <= LATEST else None
