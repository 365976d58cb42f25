"""MkDocs: broken links of a strict build, missing plugins, broken configuration."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

ABORTED = rx(
    r"^(?:ERROR +-? *|Error: )?(?P<message>Aborted with (?:\d+|an?) (?:[Cc]onfiguration )?(?:[Ww]arnings?|[Ee]rrors?).*"
    r"|Aborted with a BuildError!|Config file '.*' does not exist\.)$"
)
FINDING = rx(r"^(?:\[[^\]]*\] )?(?P<level>WARNING|ERROR) +- +(?P<message>.*)$")
FILE = rx(r"(?:[Dd]oc(?:umentation)? file|in|page) '(?P<file>[^']+\.(?:md|ipynb|markdown))'")
NOT_COUNTED = rx(r"DeprecationWarning|Config value '[^']+': Warning|^Excluding ")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the warnings and errors of a build that was aborted."""
    aborted = log.first(ABORTED)
    if aborted is None:
        return
    count = 0
    for hit in log.find(FINDING, 0, aborted.index):
        if not NOT_COUNTED.find(hit["message"]):
            count += 1
            yield _found(hit.index, hit["message"])
    if not count:
        yield Found(aborted.index, "docs", "mkdocs", aborted["message"], weight=Weight.UMBRELLA, confidence=0.7)


def _found(index: int, message: str) -> Found:
    file = FILE.find(message)
    return Found(index, "docs", "mkdocs", message, file=_in_docs(file["file"]) if file else None)


def _in_docs(file: str) -> str:
    return file if file.startswith(("docs/", "doc/", "README")) else f"docs/{file}"
