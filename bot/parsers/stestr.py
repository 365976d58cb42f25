"""stestr and testtools: failing tests with their captured traceback, and modules that cannot be imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import exception_of
from bot.parsers._unittest_parts import read_failure
from bot.registry import parser

TRACEBACK = rx(r"^Captured traceback(?: \([^)]*=.*\)| \[.*\])?:$")
IMPORT = rx(r"^Failed to import test module: (?P<module>[\w.]+)$")
NAME = rx(r"^(?P<id>[A-Za-z_]\w*(?:\.[\w\[\]().,-]+)+)$")
RAN = rx(r"^\{\d+\} (?P<id>[A-Za-z_]\w*(?:\.[\w\[\]().,-]+)+) \[[\d.]+s\] \.\.\. FAILED$")
RULE = rx(r"^-{3,}$")
TOTAL = rx(r"^ - Failed: (?P<count>\d+)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failing test, and each module that could not be imported."""
    for hit in log.find(TRACEBACK):
        named = next((i for i in range(hit.index - 1, max(0, hit.index - 80), -1) if RULE.find(log.line(i))), -1)
        name = NAME.find(log.line(named - 1)) if named > 0 else None
        if name is None:
            above = [log.line(at) for at in range(hit.index - 1, max(-1, hit.index - 4), -1)]
            name = next((found for found in map(RAN.find, above) if found), None)
        end = next((i for i in range(hit.index + 3, min(len(log), hit.index + 400)) if _over(log.line(i))), len(log))
        end += exception_of(log.line(end))[0] is not None  # a subtest's traceback is not indented
        yield read_failure(log, (hit.index, end), "stestr", name["id"] if name else "", project)
    for total in log.find(TOTAL):
        yield Claim(total.index, total.index + 1, "stestr", total["count"] == "0")
    for hit in log.find(IMPORT):
        one = read_failure(log, (hit.index, min(len(log), hit.index + 60)), "stestr", "", project)
        yield replace(one, test_id=None, details={"module": hit["module"]})


def _over(text: str) -> bool:
    return bool(text) and not text.startswith(" ")
