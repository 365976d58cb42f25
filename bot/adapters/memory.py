"""A store that forgets: the same SQL in memory, its content in a temporary folder; for tests and trials."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import time

from bot.adapters.database import connect
from bot.adapters.schema import metadata
from bot.adapters.store import SqlStore


class MemoryStore(SqlStore):
    """The `Store` port without a database file; the folder goes when the store does."""

    def __init__(self, *, now: Callable[[], float] = time) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="selfheal-", ignore_cleanup_errors=True)
        super().__init__(connect("sqlite://"), Path(self._temporary.name), now=now)
        metadata.create_all(self.engine)

    def close(self) -> None:
        """Give everything back and remove the folder."""
        super().close()
        self._temporary.cleanup()
