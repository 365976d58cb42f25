"""Pull requests that wait: a row each, and a delayed job that looks again; a webhook wakes it, no thread is parked.

An event that comes while a look is under way raises the row's `seq`; the look compares it before it goes back to sleep,
so that no wake-up is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, func, insert, select, update

from bot.adapters import schema
from bot.adapters.workflows_dbos import Durable, Job

PREFIX = "tick:"


@dataclass(frozen=True)
class Watch:
    """One pull request that is watched: `seq` counts events, `tick` looks; `data` is what a look needs."""

    id: str
    repository: str
    number: int
    sha: str
    seq: int
    tick: int
    data: Mapping[str, Any]

    def job(self, delay: float, *, quiet: int = 0) -> Job:
        """Return the job of the next look, which knows after how many looks without an event it comes."""
        data = {"watch": self.id, "seq": self.seq, "quiet": quiet, "repository": self.repository}
        data["key"] = f"{self.id}:{self.tick}"
        return Job(job_id(self.id, self.tick), "tick", data, partition=self.repository, delay=delay)


def job_id(watch_id: str, tick: int) -> str:
    """Return the id of the job that is a watch's look of a number."""
    return f"{PREFIX}{watch_id}:{tick}"


class Watches:
    """The rows, and the jobs that belong to them."""

    def __init__(self, engine: Engine, durable: Durable) -> None:
        self._engine = engine
        self._durable = durable

    def open(self, watch_id: str, repository: str, data: Mapping[str, Any]) -> None:
        """Begin to watch, at once; a watch that is open already is looked at again, one that was closed is reopened."""
        known = self.get(watch_id, closed=True)
        if known is not None:
            self._reopen(known, data)
            return
        row = {"id": watch_id, "repository": repository, "number": 0, "sha": "", "seq": 0, "tick": 0, "closed": 0}
        with self._engine.begin() as connection:
            connection.execute(insert(schema.watches).values(**row, body=json.dumps(dict(data))))
            self._durable.start(Watch(watch_id, repository, 0, "", 0, 0, data).job(0.0), connection)

    def _reopen(self, known: Watch, data: Mapping[str, Any]) -> None:
        if self.get(known.id) is not None:
            self.wake(known.repository, number=known.number)
            return
        table = schema.watches
        with self._engine.begin() as connection:
            changed = {"closed": 0, "tick": known.tick + 1, "body": json.dumps(dict(data))}
            connection.execute(update(table).where(table.c.id == known.id).values(**changed))
            self._durable.start(replace(known, tick=known.tick + 1).job(0.0), connection)

    def get(self, watch_id: str, *, closed: bool = False) -> Watch | None:
        """Return an open watch, or a closed one too where that is said; else None."""
        table = schema.watches
        with self._engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == watch_id)).first()
        return _watch(row) if row is not None and (closed or not row.closed) else None

    def of_pull(self, repository: str, number: int) -> Watch | None:
        """Return the newest watch of a pull request, open or closed, or None."""
        table = schema.watches
        wanted = select(table).where(table.c.repository == repository, table.c.number == number)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        newest = sorted(rows, key=lambda row: (not row.closed, row.tick))
        return _watch(newest[-1]) if newest else None

    def live(self, repository: str = "") -> tuple[Watch, ...]:
        """Return the open watches, of one repository where one is named."""
        table = schema.watches
        wanted = select(table).where(table.c.closed == 0)
        if repository:
            wanted = wanted.where(table.c.repository == repository)
        with self._engine.connect() as connection:
            return tuple(_watch(row) for row in connection.execute(wanted).all())

    def wake(self, repository: str, *, sha: str = "", number: int = 0) -> int:
        """Let the open watches of a repository look now, those of a commit or number where one is given; how many."""
        woken = 0
        for watch in self.live(repository):
            # A watch that does not know its pull request yet may be meant by anything.
            if (sha and watch.sha not in ("", sha)) or (number and watch.number not in (0, number)):
                continue
            table = schema.watches
            with self._engine.begin() as connection:
                connection.execute(update(table).where(table.c.id == watch.id).values(seq=table.c.seq + 1))
            self._durable.wake(watch.job(0.0).id)
            woken += 1
        return woken

    def jobs(self) -> dict[str, str]:
        """Return the open watches by the id of the job that is their next look."""
        table = schema.watches
        wanted = select(table.c.id, table.c.tick).where(table.c.closed == 0)
        with self._engine.connect() as connection:
            return {job_id(row.id, row.tick): str(row.id) for row in connection.execute(wanted)}

    def count(self) -> int:
        """Return how many watches are open."""
        table = schema.watches
        wanted = select(func.count()).select_from(table).where(table.c.closed == 0)
        with self._engine.connect() as connection:
            return int(connection.execute(wanted).scalar_one())

    def sleep(self, watch: Watch, *, number: int, sha: str, seconds: float, quiet: int = 0) -> None:
        """Go back to sleep until woken or for so long; at once when an event came since `watch` was read."""
        table = schema.watches
        with self._engine.begin() as connection:
            row = connection.execute(select(table.c.seq).where(table.c.id == watch.id)).one()
            after = Watch(watch.id, watch.repository, number, sha, row.seq, watch.tick + 1, watch.data)
            connection.execute(
                update(table).where(table.c.id == watch.id).values(number=number, sha=sha, tick=after.tick)
            )
            self._durable.start(after.job(0.0 if row.seq != watch.seq else seconds, quiet=quiet), connection)

    def move(self, watch: Watch, repository: str, data: Mapping[str, Any]) -> None:
        """Let a watch be of another repository from now on, as after a renaming."""
        table = schema.watches
        with self._engine.begin() as connection:
            moved = update(table).where(table.c.id == watch.id)
            connection.execute(moved.values(repository=repository, body=json.dumps(dict(data))))

    def close(self, watch_id: str) -> None:
        """Stop watching."""
        table = schema.watches
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == watch_id).values(closed=1))


def _watch(row: Any) -> Watch:
    return Watch(row.id, row.repository, row.number, row.sha, row.seq, row.tick, json.loads(row.body))
