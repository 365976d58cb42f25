"""What the runners of unittest's family share: test names, and failures read from their tracebacks."""

from __future__ import annotations

from bot.logs.causes import classify
from bot.logs.findings import Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import HEAD, SYNTAX_FRAME, cause, exception_of, innermost, read_chain

NAMED = rx(r"^(?P<test>[^\s(]+) \((?P<place>[\w.<>,-]+)\)(?P<sub>.*)$")
LOADER = rx(
    r"^(?P<module>[\w.]+) \((?:unittest\.loader\.(?:_FailedTest|ModuleImportFailure|LoadTestsFailure)"
    r"|nose2\.loader\.\w+)(?:\.[\w.]+)?\)$|^unittest\.loader\._FailedTest\.(?P<other>[\w.]+)"
)
BROKEN = rx(r"^Failure: (?P<type>[\w.]+) \((?P<message>.*)\)")
FIXTURES = frozenset({"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"})


def identity(what: str) -> tuple[str | None, str]:
    """Return (test id, module that could not be loaded) of a test as it is printed.

    Python 3.11 and later put the test's name into the brackets too.
    """
    loader = LOADER.find(what)
    if loader is not None:
        return None, loader["module"] or loader["other"]
    named = NAMED.find(what)
    if BROKEN.find(what) or what == "_ErrorHolder":
        return None, ""
    if named is None:
        return what.removeprefix("Doctest: ") or None, ""
    test, place = named["test"], named["place"]
    if test in FIXTURES:
        return f"{place}.{test}", ""
    return (place if place.rpartition(".")[2] == test else f"{place}.{test}"), ""


def read_failure(log: Log, span: tuple[int, int], tool: str, what: str, project: Project) -> Found:
    """Return the failure printed on the lines of `span`, for the test named by `what`."""
    start, end = span
    lines = log.lines(start, end)
    test_id, module = identity(what)
    details = {"module": module} if module else {}
    heads = [i for i, text in enumerate(lines) if HEAD.find(text) or SYNTAX_FRAME.find(text)]
    chain = read_chain(lines, heads[0], project) if heads else ()
    if not chain:
        broken = BROKEN.find(what)
        exception, message = (broken["type"], broken["message"]) if broken else (None, "")
        index = start
        if broken is None:
            index, exception, message = _without_traceback(lines, start, what)
        klass = classify(exception or "", message, own=project.own, loading=broken is not None)
        return Found(index, klass, tool, message, exception, test_id, details=details, span=span)
    chosen = cause(chain)
    place = innermost(chosen.frames) or innermost(f for part in chain for f in part.frames)
    loading = bool(module) or test_id is None
    return Found(
        start + chosen.index,
        classify(chosen.exception or "", chosen.message, own=project.own, loading=loading, frames=chosen.frames),
        tool,
        chosen.message,
        chosen.exception,
        test_id,
        place.file if place else None,
        place.line if place else None,
        chosen.frames,
        details=details,
        span=span,
    )


def _without_traceback(lines: list[str], start: int, what: str) -> tuple[int, str | None, str]:
    """Without a traceback the first line with an exception tells, else the first line of text below the header."""
    body = [(i, text.strip()) for i, text in enumerate(lines) if i and text.strip(" -=")]
    for index, text in body:
        exception, message = exception_of(text)
        if (
            exception is not None
            and "." in exception + "."
            and exception.rpartition(".")[2].endswith(("Error", "Exception"))
        ):
            return start + index, exception, message
    return (start + body[0][0], None, body[0][1]) if body else (start, None, what)
