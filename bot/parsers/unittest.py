"""unittest (also Django, nose and nose2): failing and erring tests, of Python before and after 3.11."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._unittest_parts import read_failure
from bot.registry import parser

RULE = rx(r"^={60,}$")
HEADER = rx(r"^(?P<word>ERROR|FAIL|UNEXPECTED SUCCESS): (?P<what>\S.*)$")
TRACEBACK = rx(r"^Traceback \(most recent call last\):$")
LONGEST = 200  # lines of a failure in a run that was cut off
RAN = rx(r"^Ran (?P<count>\d+) tests? in [\d.]+s(?:econds)?$")
RESULT = rx(r"^(?P<ok>OK|FAILED|NO TESTS RAN)(?: \((?P<counts>[^)]*)\))?$")
COUNT = rx(r"(?:^|[ ,])(?:failures|errors|unexpected successes|unexpectedSuccesses)=(?P<count>\d+)")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each run as a claim, and what failed in it."""
    previous = 0
    for ran in log.find(RAN):
        result = log.first(RESULT, ran.index + 1, ran.index + 6)
        end = result.index + 1 if result else ran.index + 1
        heads = _heads(log, previous, ran.index, result)
        ok = None if result is None or result["ok"] == "NO TESTS RAN" else result["ok"] == "OK"
        yield Claim(heads[0].index if heads else ran.index, end, "unittest", ok)
        for at, head in enumerate(heads):
            stop = heads[at + 1].index - 1 if at + 1 < len(heads) else ran.index
            yield read_failure(log, (head.index, stop), "unittest", head["what"], project)
        if result and result["ok"] == "NO TESTS RAN":
            yield Found(result.index, "no-tests-collected", "unittest", "no tests ran")
        previous = end
    for head in _open(log, previous):
        yield read_failure(log, (head.index, min(len(log), head.index + LONGEST)), "unittest", head["what"], project)


def _open(log: Log, start: int) -> list[Hit]:
    """Return the headers below the last run's end: those of a run whose end is not there."""
    found = [hit for hit in log.find(HEADER, start) if _ruled(log, hit.index)]
    return found if log.first(TRACEBACK, start) is not None else []


def _ruled(log: Log, index: int) -> bool:
    """Return whether a rule stands above a line, perhaps with an empty line between."""
    above = index - 1 if log.line(index - 1).strip() else index - 2
    return RULE.find(log.line(above)) is not None


def _heads(log: Log, start: int, end: int, result: Hit | None) -> list[Hit]:
    """Return the headers of a run's failures: the last ones before its end, as many as it counts."""
    found = [hit for hit in log.find(HEADER, start, end) if _ruled(log, hit.index)]
    if result is None or result["ok"] != "FAILED":
        return found if result is None else []
    count, counts = 0, result["counts"]
    for part in counts.split(","):
        told = COUNT.find(part)
        count += int(told["count"]) if told else 0
    return found[-count:] if 0 < count < len(found) else found
