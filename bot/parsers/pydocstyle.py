"""pydocstyle: docstring findings, the place on one line and the rule on the next."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

PLACE = rx(r"^(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}) (?:at module level|in .+):$")
RULE = rx(r"^ +(?P<code>D\d{3}): (?P<message>.*)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each rule."""
    found: list[Finding] = []
    for hit in log.find(PLACE):
        rule = RULE.find(log.line(hit.index + 1))
        if rule is not None:
            found.append(Finding(hit.index, hit["file"], int(hit["line"]), rule["code"], rule["message"]))
    yield from by_code(found, "pydocstyle", project, "docs")
