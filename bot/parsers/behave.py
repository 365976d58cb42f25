"""behave and Robot Framework: failing scenarios and test cases, with what failed in them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import exception_of
from bot.registry import parser

SCENARIO = rx(r"^ *(?:Scenario|Scenario Outline|Example): (?P<name>\S.*?) +# (?P<file>\S+\.feature):(?P<line>\d{1,9})$")
SAID = rx(
    r"^ *(?:(?:ASSERT|Assertion) (?:FAILED|Failed): (?P<message>.*)|(?P<raised>(?:[a-z_][\w.]*\.)?[A-Z]\w*Error: .*))$"
)
LISTED = rx(r"^ +(?P<file>\S+\.feature):(?P<line>\d{1,9}) +(?P<name>\S.*)$")
TOTAL = rx(r"^\d+ scenarios? passed, (?P<failed>\d+) failed(?:, (?P<errors>\d+) errors?)?, \d+ skipped.*$")
ROBOT = rx(r"^(?P<name>\S.*?) +\| FAIL \|$")
ROBOT_TOTAL = rx(r"^\d+ (?:critical )?tests?, \d+ passed, \d+ failed.*$")
BELOW = 200  # lines of a scenario


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failing scenario at what was said in it, and each failing test case at its message."""
    yield from _scenarios(log, project)
    for hit in log.find(ROBOT):
        message = log.line(hit.index + 1).strip()
        if message and ROBOT_TOTAL.find(message) is None:  # a suite tells its totals there
            yield Found(hit.index + 1, "test-failure", "robot", message, test_id=hit["name"])


def _scenarios(log: Log, project: Project) -> Iterator[Found]:
    total = log.first(TOTAL)
    if total is None or (total["failed"] == "0" and total["errors"] in ("", "0")):
        return
    heads = {f"{hit['file']}:{hit['line']}": hit.index for hit in log.find(SCENARIO)}
    starts = sorted(heads.values())
    for hit in log.find(LISTED, 0, total.index):
        start = heads.get(f"{hit['file']}:{hit['line']}", -1)
        end = next((at for at in starts if at > start), hit.index)
        said = log.first(SAID, start, min(end, start + BELOW)) if start >= 0 else None
        exception, message = _read(said.groups) if said else (None, hit["name"])
        yield Found(
            said.index if said else hit.index,
            "test-failure",
            "behave",
            message,
            exception,
            f"{hit['file']}:{hit['line']}",
            project.path(hit["file"]),
            int(hit["line"]),
        )


def _read(groups: dict[str, str]) -> tuple[str | None, str]:
    return exception_of(groups["raised"]) if groups["raised"] else ("AssertionError", groups["message"])
