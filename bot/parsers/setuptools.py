"""setuptools and setup.py: broken metadata and builds."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

METADATA = rx(r"^error: (?P<message>\[Errno 2\] No such file or directory: '[^']*\.(?:dist-info|egg-info)/[^']*')$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what broke a build."""
    for hit in log.find(METADATA):
        yield Found(hit.index, "packaging", "setuptools", hit["message"], "FileNotFoundError", confidence=0.9)
