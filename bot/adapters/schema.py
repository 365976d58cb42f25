"""The tables of the store, all prefixed `sh_`; migrations bring a database to this form."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

PREFIX = "sh_"
HEAD = "0002"  # the newest migration
VERSION_TABLE = "sh_version"
metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")

version = Table(VERSION_TABLE, metadata, Column("version_num", String(32), primary_key=True))
records = Table(
    "sh_records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text),  # JSON, or null when `blob` holds it
    Column("blob", Text),
    Column("created_at", Float, nullable=False),
)
entries = Table(
    "sh_entries",
    metadata,
    Column("seq", _number, primary_key=True, autoincrement=True),
    Column("record_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("sh_entries_by_place", "kind", "repository", "key", "seq"),
    sqlite_autoincrement=True,
)
answers = Table(
    "sh_answers",
    metadata,
    Column("sequence", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("record_id", Text, nullable=False),
    Column("at", Float, nullable=False),
)
strategies = Table(
    "sh_strategies",
    metadata,
    Column("strategy", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("repository", Text, primary_key=True),
    Column("successes", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
)
credits = Table(
    "sh_credits",
    metadata,
    Column("fix_id", Text, primary_key=True),
    Column("strategy", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("success", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
deliveries = Table(
    "sh_deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)
watches = Table(
    "sh_watches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("repository", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("tick", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("sh_watches_by_place", "repository", "closed"),
)
tokens = Table(
    "sh_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("repository", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),
)
