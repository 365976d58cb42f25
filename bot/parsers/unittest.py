"""unittest (also Django and nose): failing and erring tests, of Python before and after 3.11."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import HEAD, cause, innermost, read_chain
from bot.registry import parser

RULE = rx(r"^={60,}$")
HEADER = rx(r"^(?P<word>ERROR|FAIL|UNEXPECTED SUCCESS): (?P<what>\S.*)$")
RAN = rx(r"^Ran (?P<count>\d+) tests? in [\d.]+s(?:econds)?$")
RESULT = rx(r"^(?P<ok>OK|FAILED|NO TESTS RAN)(?: \((?P<counts>[^)]*)\))?$")
NAMED = rx(r"^(?P<test>[^\s(]+) \((?P<place>[\w.<>-]+)\)(?P<sub>.*)$")
LOADER = rx(
    r"^(?P<module>[\w.]+) \(unittest\.loader\.(?:_FailedTest|ModuleImportFailure)(?:\.[\w.]+)?\)$"
    r"|^unittest\.loader\._FailedTest\.(?P<module2>[\w.]+)"
)
BROKEN = rx(r"^Failure: (?P<type>[\w.]+) \((?P<message>.*)\)")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each run as a claim, and what failed in it."""
    previous = 0
    for ran in log.find(RAN):
        result = log.first(RESULT, ran.index + 1, ran.index + 6)
        end = result.index + 1 if result else ran.index + 1
        heads = [h for h in log.find(HEADER, previous, ran.index) if RULE.find(log.line(h.index - 1))]
        ok = None if result is None or result["ok"] == "NO TESTS RAN" else result["ok"] == "OK"
        yield Claim(heads[0].index if heads else ran.index, end, "unittest", ok)
        for at, head in enumerate(heads):
            stop = heads[at + 1].index - 1 if at + 1 < len(heads) else ran.index
            yield _failure(log, head.index, stop, head["what"], project)
        if result and result["ok"] == "NO TESTS RAN":
            yield Found(result.index, "no-tests-collected", "unittest", "no tests ran")
        previous = end


def _failure(log: Log, start: int, end: int, what: str, project: Project) -> Found:
    lines = log.lines(start, end)
    test_id, module = _identity(what)
    heads = [i for i, text in enumerate(lines) if HEAD.find(text)]
    chain = read_chain(lines, heads[0], project) if heads else ()
    if not chain:
        broken = BROKEN.find(what)
        exception, message = (broken["type"], broken["message"]) if broken else (None, what)
        return Found(
            start, classify(exception or "", message, own=project.own), "unittest", message, exception, test_id
        )
    chosen = cause(chain)
    place = innermost(chosen.frames) or innermost(f for part in chain for f in part.frames)
    loading = bool(module) or test_id is None
    return Found(
        start + chosen.index,
        classify(chosen.exception or "", chosen.message, own=project.own, loading=loading),
        "unittest",
        chosen.message,
        chosen.exception,
        test_id,
        place.file if place else None,
        place.line if place else None,
        chosen.frames,
        details={"module": module} if module else {},
        span=(start, end),
    )


def _identity(what: str) -> tuple[str | None, str]:
    """Return (test id, module that could not be loaded) of what follows ERROR or FAIL.

    Python 3.11 and later put the test's name into the brackets too.
    """
    loader = LOADER.find(what)
    if loader is not None:
        return None, loader["module"] or loader["module2"]
    if BROKEN.find(what):
        return None, ""
    named = NAMED.find(what)
    if named is None:
        return what.split(" ", maxsplit=1)[0], ""
    test, place = named["test"], named["place"]
    if test in ("setUpClass", "tearDownClass", "setUpModule", "tearDownModule"):
        return f"{place}.{test}", ""
    return (place if place.rpartition(".")[2] == test else f"{place}.{test}"), ""
