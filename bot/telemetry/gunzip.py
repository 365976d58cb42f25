"""A gzip file as a stream to read, whose good part is given before its damage is told."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from bot.logs.intake import gunzipped


class Unpacked:
    """The content of a gzip file; `read` raises `zlib.error` or `EOFError` once all before a damage was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = gunzipped(file)
        self._rest = b""
        self._damage: Exception | None = None

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, fewer only at the end of what can be read, and none after it."""
        held, taken = [self._rest], len(self._rest)
        while taken < size and self._damage is None:
            try:
                piece, _ = next(self._pieces, (b"", 0))
            except (EOFError, zlib.error) as error:
                self._damage = error
                break
            if not piece:
                break
            held.append(piece)
            taken += len(piece)
        whole = b"".join(held)
        self._rest = whole[size:]
        if not whole and self._damage is not None:
            raise self._damage
        return whole[:size]
