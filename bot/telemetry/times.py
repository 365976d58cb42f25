"""Times as text of one form, so that comparing them is comparing texts: `2024-05-01T12:00:00.123Z`."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.telemetry.columns import Form
from bot.telemetry.timestamps import EARLIEST, LATEST, utc

MOST = 100_000
WIDTHS = frozenset({24, 27, 30})  # milli-, micro- and nanoseconds
MICRO = 27


class Times:
    """Turns what logs write into that form, and back into seconds; minutes are looked up, not worked out again.

    All times of one run have the same `width`, that of the first of them when it has a fraction, so that comparing
    them as texts is right; a fraction is cut or filled up with zeros.
    """

    def __init__(self) -> None:
        self.width = 0
        self._minutes: dict[str, float] = {}
        self._known = ""  # the minute of the newest time that was looked at as a whole
        self._form = Form()

    def text(self, value: object) -> str | None:
        """Return a time in the one form, or None when `value` is no time."""
        if isinstance(value, str) and len(value) >= 19 and value[10] in " T" and value[-1] != "Z":
            value = zoned(value)
        if isinstance(value, str) and len(value) == self.width and value[:17] == self._known and _in_minute(value):
            return value
        at = utc(value)
        if at is None:
            return None
        plain = isinstance(value, str) and 20 <= len(value) <= 30 and value[-1] == "Z" and value[10] == "T"
        if not self.width:
            self.width = len(str(value)) if plain and len(str(value)) in WIDTHS else MICRO
        if not isinstance(value, str) or not plain:
            value = of_seconds(at)
        if len(value) == self.width:
            self._known = value[:17]
            return value
        whole, _, fraction = value[:-1].partition(".")
        return f"{whole}.{fraction[: self.width - 21].ljust(self.width - 21, '0')}Z"

    def plain(self, values: list[str]) -> bool:
        """Say whether all of many texts are times in the one form already."""
        if values and not self.width:
            self.text(values[0])
        return self._form.fits(values, self.width)

    def minute(self, minute: str) -> float:
        """Return the start of a minute, the first 16 letters of a time, in UTC seconds since 1970."""
        found = self._minutes.get(minute)
        if found is None:
            if len(self._minutes) > MOST:
                self._minutes.clear()
            found = self._minutes[minute] = datetime.fromisoformat(minute).replace(tzinfo=UTC).timestamp()
        return found

    def seconds(self, time: str) -> float:
        """Return a time of that form as UTC seconds since 1970; a fraction that is no number counts as none."""
        return within(time, self.minute(time[:16]))


def _in_minute(value: str) -> bool:
    """Say whether the seconds of a time in the one form are digits, less than sixty."""
    return value[17] < "6" and (value[17:19] + value[20:-1]).isdecimal() and value[-1] + value[19] == "Z."


def zoned(value: str) -> str:
    """Return a time without a zone, which counts as UTC, as one of the one form; any other text as it is."""
    fraction = value[20:]
    if (
        len(value) < 19
        or value[4] + value[7] != "--"
        or (value[19:] and not (value[19] in ".," and fraction.isdecimal()))
    ):
        return value
    return f"{value[:10]}T{value[11:19]}{'.' if fraction else ''}{fraction}Z"


def within(time: str, minute: float) -> float:
    """Return a time as UTC seconds since 1970, from the start of its minute; a fraction that is no number is none."""
    try:
        return minute + float(time[17:-1])
    except ValueError:
        return minute


def of_seconds(at: float) -> str:
    """Return UTC seconds since 1970 in that form, with microseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def of_nanoseconds(at: int) -> str:
    """Return UTC nanoseconds since 1970 in that form; a number that is no time of a log as its digits."""
    seconds, rest = divmod(at, 10**9)
    if not EARLIEST <= seconds <= LATEST:
        return str(at)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
