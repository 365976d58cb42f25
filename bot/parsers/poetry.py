"""Poetry: lock files that do not fit the project, and versions that cannot be solved."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

STALE = rx(
    r"^(?:Error: )?(?P<message>pyproject\.toml changed significantly since poetry\.lock was last generated.*"
    r"|poetry\.lock is not (?:consistent|up to date) with pyproject\.toml.*"
    r"|.*poetry\.lock is not up to date with the latest changes in pyproject\.toml.*)$"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield stale lock files."""
    for hit in log.find(STALE):
        yield Found(hit.index, "lockfile", "poetry", hit["message"].strip(), file="poetry.lock", confidence=0.95)
