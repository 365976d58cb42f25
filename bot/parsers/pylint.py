"""Pylint: findings by rule, in its default and parseable forms."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

FINDING = rx(
    r"^(?:Error: )?(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}):(?:(?P<column>\d+):)?"
    r" (?:\[)?(?P<code>[CRWEFI]\d{4})(?:\((?P<symbol1>[\w-]+)\)[^\]]*\])?:? (?P<message>.*?)(?:"
    r" \((?P<symbol>[a-z0-9-]+)\))?$"
)
MSVS = rx(
    r"^(?P<file>[^\s:(][^:(]*\.pyi?)\((?P<line>\d{1,9})\): \[(?P<code>[CRWEFI]\d{4})\([\w-]+\)[^\]]*\] (?P<message>.*)$"
)
RATED = rx(r"^Your code has been rated at (?P<rate>-?[\d.]+)/10.*$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each rule, errors before warnings before conventions."""
    hits = [*log.find(FINDING), *log.find(MSVS)]
    found = [Finding(h.index, h["file"], int(h["line"]), h["code"], h["message"]) for h in hits]
    yield from by_code((f for f in found if f.code[0] != "I"), "pylint", project)
    perfect = log.first(RATED)
    if perfect is not None and perfect["rate"] in ("10.00", "10.0", "10"):
        yield Claim(perfect.index, perfect.index + 1, "pylint", True)
