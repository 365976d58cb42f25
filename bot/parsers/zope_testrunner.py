"""zope.testrunner: failing tests, and modules that cannot be imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._unittest_parts import read_failure
from bot.registry import parser

TEST = rx(r"^(?:Failure|Error) in test (?P<what>\S.*)$")
BROKEN = rx(r"^Test-module import failures:$")
MODULE = rx(r"^Module: (?P<module>[\w.]+)$")
TOTAL = rx(
    r"^ *(?:Total|Ran)(?::)? (?P<count>\d+) tests(?: with|,) (?P<failures>\d+) failures, (?P<errors>\d+) errors.*$"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failing test, each broken module, and the total as a claim."""
    heads = list(log.find(TEST))
    for at, head in enumerate(heads):
        end = heads[at + 1].index if at + 1 < len(heads) else min(len(log), head.index + 200)
        yield read_failure(log, (head.index, end), "zope.testrunner", head["what"], project)
    broken = log.first(BROKEN)
    for hit in log.find(MODULE, broken.index) if broken else ():
        one = read_failure(log, (hit.index, hit.index + 60), "zope.testrunner", "", project)
        yield replace(one, test_id=None, details={"module": hit["module"]})
    for total in log.find(TOTAL):
        ok = total["failures"] == total["errors"] == "0" and broken is None
        yield Claim(total.index, total.index + 1, "zope.testrunner", ok)
