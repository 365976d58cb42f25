"""Sphinx: warnings that fail the build, and errors."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

STRICT = rx(
    r"sphinx-build\b.* -\w*W\b|--fail-on-warning|SPHINXOPTS=.*-\w*W|build finished with problems|warnings?"
    r" treated as errors?|fail_on_warning"
)
FINDING = rx(
    r"^(?P<file>[^\s:][^:]*\.(?:rst|md|py|txt|ipynb))(?::docstring of [^:]+)?:(?:(?P<line>\d+):)?"
    r" (?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<message>.*)$"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each warning of a strict build."""
    if log.first(STRICT) is None:
        return
    for hit in log.find(FINDING):
        yield Found(
            hit.index,
            "docs",
            "sphinx",
            hit["message"],
            None,
            None,
            project.path(hit["file"]),
            int(hit["line"] or 0) or None,
        )
