"""Run by Alembic: migrates our tables over the connection it was given, with a version table of our own."""

from __future__ import annotations

from typing import Any

from alembic import context

from bot.adapters.schema import PREFIX, VERSION_TABLE, metadata


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Return whether Alembic may look at a database object: tables of others stay unseen."""
    return kind != "table" or (name or "").startswith(PREFIX)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=ours,
    render_as_batch=True,
)
context.run_migrations()
