"""The journal: records by id, answers by request, strategy records, and content beside them in a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.adapters import schema
from bot.adapters.blobs import Blobs
from bot.adapters.database import connect, speaking
from bot.adapters.lock import Holding
from bot.adapters.migrations import migrate
from bot.errors import Misconfigured
from bot.model import StrategyRecord, Value, digest, fingerprint

T = TypeVar("T", bound=Value)
R = TypeVar("R")
INLINE_BYTES = 64 * 1024
KEY_CHARS = 200


class SqlStore:
    """The `Store` port over a SQLAlchemy engine and a folder for content and scratch trees."""

    def __init__(
        self, engine: Engine, folder: Path, *, now: Callable[[], float] = time, lock: Holding | None = None
    ) -> None:
        self.engine = engine
        self.root = folder
        self._blobs = Blobs(folder / "blobs")
        self._now = now
        self._lock = lock

    def save(self, value: Value, *, kind: str, repository: str = "", key: str = "") -> str:
        """Write a record and return its id: the same content under the same kind has the same id."""
        body = value.as_json()
        data = body.encode()
        record_id = f"{kind}-{digest(data)[:16]}"
        blob = self._blobs.keep(data) if len(data) > INLINE_BYTES else None
        row = {"id": record_id, "kind": kind, "body": None if blob else body, "blob": blob, "created_at": self._now()}
        entry = {"record_id": record_id, "kind": kind, "repository": short(repository), "key": short(key)}

        def write(connection: Connection) -> None:
            known = connection.execute(select(schema.records.c.id).where(schema.records.c.id == record_id)).first()
            if known is None:
                connection.execute(insert(schema.records).values(row))
            same = and_(*(schema.entries.c[name] == part for name, part in entry.items()))
            connection.execute(delete(schema.entries).where(same))
            connection.execute(insert(schema.entries).values(**entry, at=self._now()))

        self._write(write)
        return record_id

    def load(self, record_id: str, type_: type[T]) -> T:
        """Return the record; raises `Misconfigured` when there is none with that id."""
        wanted = select(schema.records.c.body, schema.records.c.blob).where(schema.records.c.id == short(record_id))
        rows = self._rows(wanted)
        if not rows:
            raise Misconfigured(
                f"there is no record {record_id!r} in this state",
                hint="Check the id, or name the state it is in with --state.",
            )
        return type_.from_json(self._text(rows[0]))

    def latest(self, type_: type[T], *, kind: str, repository: str = "", key: str = "") -> T | None:
        """Return the newest record of a kind for a repository and key, or None."""
        found = self.history(type_, kind=kind, repository=repository, key=key, limit=1)
        return found[0] if found else None

    def history(
        self, type_: type[T], *, kind: str, repository: str = "", key: str = "", limit: int = 50
    ) -> tuple[T, ...]:
        """Return up to `limit` records, newest first."""
        table = schema.entries
        place = (table.c.kind == kind, table.c.repository == short(repository), table.c.key == short(key))
        return self._found(_BODIES.where(*place).limit(limit), type_)

    def every(self, type_: type[T], *, kind: str, limit: int = 200) -> tuple[T, ...]:
        """Return up to `limit` records of a kind, of any repository and key, newest first."""
        return self._found(_BODIES.where(schema.entries.c.kind == kind).limit(limit), type_)

    def since(self, at: float, type_: type[T], *, kind: str, repository: str = "") -> tuple[T, ...]:
        """Return the records of a kind and repository, under any key, saved at `at` or later, newest first."""
        table = schema.entries
        place = (table.c.kind == kind, table.c.repository == short(repository), table.c.at >= at)
        return self._found(_BODIES.where(*place), type_)

    def answered(self, sequence: str, request_id: str) -> str | None:
        """Return the record id that a request ended with, or None."""
        table = schema.answers
        where = (table.c.sequence == sequence, table.c.request_id == short(request_id))
        rows = self._rows(select(table.c.record_id).where(*where))
        return str(rows[0][0]) if rows else None

    def answer(self, sequence: str, request_id: str, record_id: str) -> None:
        """Remember that a request ended with a record; the first answer stays."""
        row = {"sequence": sequence, "request_id": short(request_id), "record_id": record_id}

        def write(connection: Connection) -> None:
            table = schema.answers
            where = (table.c.sequence == row["sequence"], table.c.request_id == row["request_id"])
            if connection.execute(select(table.c.record_id).where(*where)).first() is None:
                connection.execute(insert(table).values(**row, at=self._now()))

        self._write(write)

    def keep(self, data: bytes) -> str:
        """Store content and return its reference (sha256)."""
        return self._blobs.keep(data)

    def fetch(self, ref: str) -> Path:
        """Return a file that holds the content; raises `Misconfigured` when it is not there."""
        return self._blobs.fetch(ref)

    def folder(self, key: str) -> Path:
        """Return a scratch folder of our own, the same for the same key."""
        made = self.root / "scratch" / fingerprint(key, length=24)
        made.mkdir(parents=True, exist_ok=True)
        return made

    def purge(self) -> None:
        """Empty all scratch folders; records and content stay."""
        shutil.rmtree(self.root / "scratch", ignore_errors=True)

    def credit(self, strategy: str, type_: str, repository: str, success: bool, *, once: str = "") -> StrategyRecord:
        """Count one outcome and return the new record; an outcome already counted for the fix `once` is not again."""
        record = StrategyRecord(strategy=strategy, type=type_, repository=repository)

        def write(connection: Connection) -> StrategyRecord:
            table = schema.credits
            known = select(table.c.fix_id).where(table.c.fix_id == short(once))
            if not once or connection.execute(known).first() is None:
                if once:
                    row = {"fix_id": short(once), "success": int(success), "at": self._now()}
                    connection.execute(insert(table).values(**row, **record.model_dump(include=set(_PLACE))))
                _count(connection, record, success)
            return _strategy_record(connection, record)

        return self._write(write)

    def records(self, repository: str = "") -> tuple[StrategyRecord, ...]:
        """Return all strategy records of a repository, or of all."""
        table = schema.strategies
        wanted = select(table).order_by(table.c.repository, table.c.type, table.c.strategy)
        if repository:
            wanted = wanted.where(table.c.repository == repository)
        return tuple(StrategyRecord(**row._mapping) for row in self._rows(wanted))

    def close(self) -> None:
        """Give the connections and the lock back."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    def _text(self, row: Any) -> str:
        return str(row.body) if row.body is not None else self._blobs.fetch(row.blob).read_text("utf-8")

    def _found(self, wanted: Select[Any], type_: type[T]) -> tuple[T, ...]:
        return tuple(type_.from_json(self._text(row)) for row in self._rows(wanted))

    def _rows(self, wanted: Select[Any]) -> list[Any]:
        with speaking(), self.engine.connect() as connection:
            return list(connection.execute(wanted).all())

    def _write(self, work: Callable[[Connection], R]) -> R:
        try:
            with speaking(), self.engine.begin() as connection:
                return work(connection)
        except IntegrityError:
            # Another worker wrote the same row in between: the second look finds it.
            with speaking(), self.engine.begin() as connection:
                return work(connection)


def open_store(url: str, folder: Path, *, read_only: bool = False, now: Callable[[], float] = time) -> SqlStore:
    """Return the store at a database address with its content in `folder`; a new one is made where there is none.

    A SQLite state is written by one process at a time; reading needs no lock. Raises `Misconfigured` when the folder
    can't be written, is in use by another process, or has nothing to read.
    """
    on_file = url.startswith("sqlite")
    if read_only:
        return SqlStore(connect(url, read_only=True), folder, now=now)
    _prepare(folder)
    lock = Holding(folder) if on_file else None
    try:
        engine = connect(url)
        with speaking():
            migrate(engine)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return SqlStore(engine, folder, now=now, lock=lock)


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"the state folder {folder} can't be made: {error.strerror}", hint=_ELSEWHERE) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(f"the state folder {folder} can't be written", hint=_ELSEWHERE)


def short(text: str) -> str:
    """Return a key that a database index holds: long ones keep their start and get a digest as their end."""
    text = text.replace("\x00", "")
    return text if len(text) <= KEY_CHARS else f"{text[:KEY_CHARS]}~{fingerprint(text, length=32)}"


_ELSEWHERE = "Name another folder with --state or SELFHEAL_STATE."
_BODIES = (
    select(schema.records.c.body, schema.records.c.blob)
    .select_from(schema.entries.join(schema.records, schema.entries.c.record_id == schema.records.c.id))
    .order_by(schema.entries.c.seq.desc())
)
_PLACE = ("strategy", "type", "repository")


def _where(record: StrategyRecord) -> list[ColumnElement[bool]]:
    return [schema.strategies.c[name] == getattr(record, name) for name in _PLACE]


def _count(connection: Connection, record: StrategyRecord, success: bool) -> None:
    column = schema.strategies.c.successes if success else schema.strategies.c.failures
    change = update(schema.strategies).where(*_where(record)).values({column: column + 1})
    if connection.execute(change).rowcount == 0:
        counts = {"successes": int(success), "failures": int(not success)}
        connection.execute(insert(schema.strategies).values(**record.model_dump(include=set(_PLACE)), **counts))


def _strategy_record(connection: Connection, record: StrategyRecord) -> StrategyRecord:
    row = connection.execute(select(schema.strategies).where(*_where(record))).first()
    return StrategyRecord(**row._mapping) if row else record
