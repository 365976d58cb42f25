"""One SQLAlchemy engine for everything that lives in the database, with the settings that SQLite needs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool, StaticPool

from bot.errors import Misconfigured, Transient

BUSY_MS = 30_000
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def connect(url: str, *, read_only: bool = False) -> Engine:
    """Return an engine for a SQLAlchemy address; raises `Misconfigured` when the address can't be used."""
    if url.startswith("sqlite://"):
        return _sqlite(url.removeprefix("sqlite://").removeprefix("/"), read_only=read_only)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured("DATABASE_URL is not a database address", hint=_EXAMPLE) from None
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return _postgres(url, read_only=read_only)
    raise Misconfigured(f"the database {parsed.get_backend_name()!r} is not supported", hint=_EXAMPLE)


_EXAMPLE = "Use sqlite:////var/lib/selfheal/selfheal.sqlite3 or postgresql://user@host/name."


@contextmanager
def speaking() -> Iterator[None]:
    """Turn a driver's error into `Transient` (locked, connection lost) or `Misconfigured` (disk, rights, damage)."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        for words, what, hint in _FAULTS:
            if any(word in text for word in words):
                raise Misconfigured(f"the database {what}: {text}", hint=hint) from error
        raise Transient(f"the database did not answer: {text}", hint="It is tried again.") from error


_FAULTS = (
    (("disk is full", "No space left"), "is out of space", "Free some space, then try again."),
    (("readonly database", "read-only transaction"), "can't be written", "Check who may write to the state folder."),
    (("malformed", "not a database"), "is damaged", "Restore it from a backup, or name another folder with --state."),
    (("unable to open",), "can't be opened", "Check that the state folder exists and may be read."),
    (("no such table", "does not exist"), "has no tables yet", "Run selfheal once in this state, then look again."),
)


def sqlite_module() -> Any:
    """Return the SQLite driver: the newer `pysqlite3` where it is installed, else Python's own."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        import sqlite3

        return sqlite3


def _sqlite(path: str, *, read_only: bool) -> Engine:
    module = sqlite_module()
    if path in ("", ":memory:"):
        pool: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    else:
        # The driver gets the file itself: in an address, `?` and `#` in a path would be read as something else.
        file = f"{Path(path).absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        arguments = {"uri": True, "check_same_thread": False, "timeout": BUSY_MS / 1000}
        pool = {"creator": lambda: module.connect(file, **arguments), "poolclass": QueuePool}
        pool |= {"pool_size": 20, "max_overflow": 0}
    engine = create_engine("sqlite://", module=module, **pool)
    event.listen(engine, "connect", _read_only if read_only else _writing)
    return engine


def _writing(connection: Any, _record: object) -> None:
    # IMMEDIATE: a transaction that will write takes the write lock first, so it waits instead of failing half-way.
    connection.isolation_level = "IMMEDIATE"
    for pragma in (f"busy_timeout={BUSY_MS}", *PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _read_only(connection: Any, _record: object) -> None:
    for pragma in (f"busy_timeout={BUSY_MS}", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _postgres(url: str, *, read_only: bool) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    options = {"options": "-c default_transaction_read_only=on"} if read_only else {}
    try:
        return create_engine(address, pool_pre_ping=True, pool_size=20, connect_args=options)
    except ImportError:
        raise Misconfigured(
            "PostgreSQL needs the driver psycopg", hint="pip install 'self-healing-bot[postgres]'"
        ) from None
