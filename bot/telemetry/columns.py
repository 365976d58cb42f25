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
    if any((letters[:, place] != ord(letter)).any() for place, letter in same.items()):
        raise ValueError("not of the one form")
    fraction = [(place, 9, 10 ** (28 - place)) for place in range(20, width - 1)]
    places, most, scale = zip(*[(p, m, s * _NANO) for p, m, s in _CLOCK], *fraction, strict=True)
    digits = letters[:, places] - np.uint8(ord("0"))
    # In whole numbers: that is exact, and no library of linear algebra starts threads for it.
    within = digits.astype(np.int64) @ np.array(scale, np.int64)
    if (digits > np.array(most, np.uint8)).any() or within.max() >= DAY:
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


class Form:
    """Tells whether many times are all of the one form, for next to nothing where they lie in one hour."""

    def __init__(self) -> None:
        self._hour = ""
        self._low = self._span = np.zeros(0, np.uint8)

    def fits(self, times: list[str], width: int) -> bool:
        """Say whether every one of `times` is a time of `width` letters in the one form."""
        text = "".join(times)
        if not times or len(text) != width * len(times):
            return not times
        letters = np.frombuffer(text.encode("ascii", "replace"), np.uint8)
        if times[0][:14] != self._hour or len(letters) > len(self._low):
            self._expect(times[0], len(times))
        if self._hour and bool((letters - self._low[: len(letters)] <= self._span[: len(letters)]).all()):
            return True
        try:
            seconds_of(letters.reshape(-1, width))
        except ValueError:
            return False
        return True

    def _expect(self, time: str, count: int) -> None:
        """Expect the hour of `time` in as many times, minutes and seconds below sixty, and any fraction."""
        self._hour = ""
        try:
            seconds_of(letters_of(time, len(time)))
        except ValueError:
            return
        self._hour = time[:14]
        digits = {**dict.fromkeys(range(14, len(time) - 1), 9), 14: 5, 17: 5, 16: 0, 19: 0}
        low = "".join("0" if digits.get(place) else letter for place, letter in enumerate(time))
        span = [digits.get(place, 0) for place in range(len(time))]
        self._low = np.tile(np.frombuffer(low.encode(), np.uint8), count)
        self._span = np.tile(np.array(span, np.uint8), count)
