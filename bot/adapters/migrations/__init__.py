"""Brings a database to the tables of this version; only tables prefixed `sh_` are ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.adapters.schema import HEAD, PREFIX, VERSION_TABLE, metadata, version
from bot.errors import Misconfigured

LOCK = 7_355_608  # the key of the advisory lock under which one worker of many migrates a PostgreSQL database


def migrate(engine: Engine) -> None:
    """Make or bring up the tables; raises `Misconfigured` when a newer version of the program wrote them."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        found = current(connection)
        if found == HEAD:
            return
        if found == "" and not any(name.startswith(PREFIX) for name in inspect(connection).get_table_names()):
            # The tables as they are now and the version they have: the same as all migrations one after the other.
            metadata.create_all(connection)
            connection.execute(version.insert().values(version_num=HEAD))
        else:
            upgrade(connection, found)


def current(connection: Connection) -> str:
    """Return the version of the tables, or an empty text when there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return str(connection.execute(version.select()).scalar() or "")


def upgrade(connection: Connection, found: str = "") -> None:
    """Run the migrations from version `found` to this program's; raises `Misconfigured` for an unknown version."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Misconfigured(
            f"the state has tables of version {found!r}, this program knows up to {HEAD!r}",
            hint="Install the version of selfheal that wrote it, or a later one.",
        ) from error
