"""Twisted's trial: failing tests, each traceback above the names of the tests that share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._unittest_parts import read_failure
from bot.registry import parser

HEADER = rx(r"^\[(?:FAIL|ERROR|SUCCESS!\?!)\]$")
END = rx(r"^(?:={60,}|-{60,})$")
RESULT = rx(r"^(?P<result>PASSED|FAILED) \((?:[a-zA-Z ]+=\d+(?:, )?)+\)$")
NAME = rx(r"^(?P<id>[A-Za-z_]\w*(?:\.\w+){2,})$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failing test, and the result as a claim."""
    for hit in log.find(RESULT):
        yield Claim(hit.index, hit.index + 1, "trial", hit["result"] == "PASSED")
    for head in log.find(HEADER):
        end = log.first(END, head.index + 1, head.index + 2000)
        stop = end.index if end else min(len(log), head.index + 200)
        names = [hit["id"] for hit in log.find(NAME, head.index, stop)]
        named = names[0] if names and names[0].split(".")[-2][0].isupper() else ""
        one = read_failure(log, (head.index, stop), "trial", named, project)
        yield from (replace(one, test_id=name) for name in names or (None,))
