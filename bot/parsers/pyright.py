"""pyright and basedpyright: type errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

FINDING = rx(
    r"^ *(?:Error: )?(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}):(?P<column>\d+) - error:?"
    r" (?P<message>.*?)(?: ?\((?P<code>report\w+)\))?$"
)
WARNING = rx(
    r"^ *(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}):\d+ - warning:?"
    r" (?P<message>.*?)(?: ?\((?P<code>report\w+)\))?$"
)
MORE = rx(r"^(?:[ \t]|\xc2\xa0){3,}(?P<text>\S.*?)(?: ?\((?P<code>report\w+)\))?$")
GOOD = rx(r"^0 errors, \d+ warnings?, \d+ (?:informations?|notes?) *$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each finding; its rule may stand on a continued line."""
    findings = list(log.find(FINDING))
    if not findings:
        yield from _warned(log, project)
    for hit in findings:
        code = hit["code"]
        for at in range(hit.index + 1, hit.index + 8):
            more = None if code else MORE.find(log.line(at))
            if more is None:
                break
            code = more["code"]
        yield Found(
            hit.index,
            "type",
            "pyright",
            hit["message"],
            None,
            None,
            project.path(hit["file"]),
            int(hit["line"]),
            code=code,
        )
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "pyright", True)


def _warned(log: Log, project: Project) -> Iterator[Found]:
    """Yield the first warning, which fails a run that is told to fail on warnings."""
    hit = log.first(WARNING)
    if hit is not None:
        place = project.path(hit["file"]), int(hit["line"])
        told = Found(hit.index, "type", "pyright", hit["message"], None, None, *place, code=hit["code"])
        yield replace(told, weight=Weight.HINT, confidence=0.6, proof=False, scope="all")
