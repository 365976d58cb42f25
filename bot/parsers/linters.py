"""Smaller linters with one finding a line: vulture, codespell, darglint, rstcheck, doc8, yamllint."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

PLACE = r"^(?P<file>[^\s:][^:]*\.\w+):(?P<line>\d{1,9}):"
FORMS = {
    "vulture": rx(PLACE + r" (?P<message>(?P<code>unused [a-z]+|unreachable code) .*\(\d+% confidence.*\))$"),
    "codespell": rx(PLACE + r" (?P<message>(?P<code>[A-Za-z'-]+) ==> .+)$"),
    "rstcheck": rx(PLACE + r" (?P<message>\((?P<code>ERROR|WARNING|SEVERE)/\d\) .*)$"),
    "doc8": rx(PLACE + r" (?P<code>D\d{3}) (?P<message>.*)$"),
    "darglint": rx(r"^(?P<file>[^\s:][^:]*\.py):\w+:(?P<line>\d{1,9}): (?P<code>DAR\d+): (?P<message>.*)$"),
}
YAML_FILE = rx(r"^(?P<file>\S+\.ya?ml)$")
YAML = rx(r"^  +(?P<line>\d{1,9}):\d+ +error +(?P<message>.*?) +\((?P<code>[a-z-]+)\)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each tool and kind of finding."""
    for tool, pattern in FORMS.items():
        found = [Finding(h.index, h["file"], int(h["line"]), h["code"], h["message"]) for h in log.find(pattern)]
        yield from by_code(found, tool, project)
    yield from by_code(_yaml(log), "yamllint", project)


def _yaml(log: Log) -> Iterator[Finding]:
    for hit in log.find(YAML):
        above = [log.line(at) for at in range(hit.index - 1, max(-1, hit.index - 200), -1)]
        file = next((f["file"] for f in map(YAML_FILE.find, above) if f), "")
        yield Finding(hit.index, file, int(hit["line"]), hit["code"], hit["message"])
