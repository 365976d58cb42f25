"""Many times of the one form at once, as numbers: `2024-05-01T12:00:00.123Z` is twenty letters and a fraction."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from bot.telemetry.timestamps import EARLIEST, LATEST

Seconds = npt.NDArray[np.float64]
Letters = npt.NDArray[np.uint8]
_LEAST, _MOST = "0000-00-00T00:00:00.", "9999-19-39T29:59:59."  # of each letter; the rest of the fraction is any digit
_NANO = 10**9
_SECONDS = (36_000, 3_600, 0, 600, 60, 0, 10, 1, 0)  # what the letters of "12:34:56." count
DAY = 86_400.0


@cache
def _bounds(width: int) -> tuple[Letters, Letters]:
    digits = width - len(_LEAST) - 1
    least, most = (f"{form}{digit * digits}Z".encode() for form, digit in ((_LEAST, "0"), (_MOST, "9")))
    return np.frombuffer(least, np.uint8), np.frombuffer(most, np.uint8)


def letters_of(times: str, width: int) -> Letters:
    """Return times of `width` letters, put together, as rows of letters."""
    return np.frombuffer(times.encode("ascii", "replace"), np.uint8).reshape(-1, width)


def seconds_of(letters: Letters) -> Seconds:
    """Return times as UTC seconds since 1970; raises `ValueError` when one is no time of the one form."""
    width = letters.shape[1]
    least, most = _bounds(width)
    if not ((letters >= least) & (letters <= most)).all():
        raise ValueError("not of the one form")
    weights = [*(_NANO * count for count in _SECONDS), *(10 ** (9 - place) for place in range(1, width - 20))]
    # In whole numbers: that is exact, and no library of linear algebra starts threads for it.
    in_day = (letters[:, 11:-1] & 15).astype(np.int64) @ np.array(weights) / _NANO
    at: Seconds = _days(letters[:, :10]) + in_day
    if in_day.max() >= DAY or at.min() < EARLIEST or at.max() > LATEST:
        raise ValueError("there is no such time")
    return at


def _days(dates: Letters) -> Seconds:
    """Return the beginning of each row's day; nearly always it is the same day for all."""
    starts = np.empty(len(dates))
    left = np.ones(len(dates), dtype=bool)
    while left.any():
        date = dates[int(left.argmax())]
        same = (dates == date).all(axis=1)
        starts[same] = datetime.fromisoformat(date.tobytes().decode()).replace(tzinfo=UTC).timestamp()
        left &= ~same
    return starts
