"""Many times of the one form at once, as numbers: `2024-05-01T12:00:00.123Z` is twenty letters and a fraction."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from bot.telemetry.timestamps import EARLIEST, LATEST

Seconds = npt.NDArray[np.float64]
Letters = npt.NDArray[np.uint8]
_NANO = 10**9
_FORM = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: "."}  # the letters that are the same in all times
_CLOCK = ((11, 2, 36_000), (12, 9, 3_600), (14, 5, 600), (15, 9, 60), (17, 5, 10), (18, 9, 1))  # place, most, seconds
DAY = 86_400 * _NANO


def letters_of(times: str, width: int) -> Letters:
    """Return times of `width` letters, put together, as rows of letters."""
    return np.frombuffer(times.encode("ascii", "replace"), np.uint8).reshape(-1, width)


def seconds_of(letters: Letters) -> Seconds:
    """Return times as UTC seconds since 1970; raises `ValueError` when one is no time of the one form."""
    width = letters.shape[1]
    same = {**_FORM, width - 1: "Z"}
    wrong = np.zeros(len(letters), bool)
    for place, letter in same.items():
        wrong |= letters[:, place] != ord(letter)
    # In whole numbers: that is exact, and no library of linear algebra starts threads for it.
    within = np.zeros(len(letters), np.int64)
    fraction = [(place, 9, 10 ** (28 - place)) for place in range(20, width - 1)]
    for place, most, scale in [(place, most, seconds * _NANO) for place, most, seconds in _CLOCK] + fraction:
        digit = letters[:, place] - np.uint8(ord("0"))
        wrong |= digit > most
        within += digit * np.int64(scale)
    if wrong.any() or within.max() >= DAY:
        raise ValueError("not of the one form")
    at: Seconds = _days(letters[:, :10]) + within / _NANO
    if at.min() < EARLIEST or at.max() > LATEST:
        raise ValueError("there is no such time")
    return at


def _days(dates: Letters) -> Seconds:
    """Return the beginning of each row's day; nearly always it is the same day for all."""
    if (dates == dates[0]).all():
        return np.full(len(dates), datetime.fromisoformat(dates[0].tobytes().decode()).replace(tzinfo=UTC).timestamp())
    starts = np.empty(len(dates))
    left = np.ones(len(dates), dtype=bool)
    while left.any():
        date = dates[int(left.argmax())]
        same = (dates == date).all(axis=1)
        starts[same] = datetime.fromisoformat(date.tobytes().decode()).replace(tzinfo=UTC).timestamp()
        left &= ~same
    return starts
