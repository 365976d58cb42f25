"""uv: resolution, lock files, builds and interpreters; its texts wrap, so only their starts are looked for."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.parsers._build_output import PLACED, backend_error
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

MARK = r"^ *(?:×|x|error:) "
NO_SOLUTION = rx(MARK + r"(?P<message>No solution found when resolving .*)$")
BUILD = rx(
    MARK + r"(?P<message>(?:Failed to (?:download and )?build(?: and install)? `?(?P<packages>[^`]+)`?"
    r"|The build backend returned an error).*)$"
)
PIP = rx(r"^Failed to build installable wheels for some pyproject\.toml based projects")
REASON = rx(r"^ *(?:╰─▶|├─▶|cause:) (?P<text>.*)$|^ *(?:│)? {6,}(?P<more>\S.*)$")
WHY = rx(
    r"^ {4,}(?:│ )? *(?P<message>(?:[A-Za-z_][\w.]*(?:Error|Exception|NotFound): .*|error: .*|.*: fatal error: .*))$"
)
PYTHON = rx(r"does not satisfy Python|requested Python version|current Python version")
RULES = (
    Rule(line(r"The lockfile at `uv\.lock` needs to be updated.*"), "lockfile", "uv", 0.95, file="uv.lock"),
    Rule(line(r"Unable to find lockfile at `uv\.lock`.*"), "lockfile", "uv", 0.95, file="uv.lock"),
    Rule(line(r"Failed to parse `?uv\.lock`?.*"), "lockfile", "uv", 0.9, file="uv.lock"),
    Rule(line(r"No interpreter found (?:for|in) .*"), "python-version", "uv", 0.9),
    Rule(
        line(r"The (?:requested|supplied|current|Python) (?:interpreter|Python|request) .*(?:resolved to|incompat).*"),
        "python-version",
        "uv",
    ),
    Rule(
        rx(MARK + r"(?P<message>Failed to (?:download|fetch):? `?(?P<packages>[^`]+)`?.*)$"), "network-flake", "uv", 0.8
    ),
    Rule(rx(MARK + r"(?P<message>Request failed after \d+ retr(?:y|ies).*)$"), "network-flake", "uv", 0.8),
    Rule(line(r"Failed to (?:parse|build)[: ]+`?[^\s`]*pyproject\.toml`?.*"), "packaging", "uv", 0.85),
    Rule(line(r"Failed to spawn: `?(?P<name>[\w./+-]+)`?.*"), "missing-dependency", "uv", 0.85),
    Rule(line(r"No virtual environment found.*|The interpreter at .* is externally managed.*"), "actions-config", "uv"),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield unsolvable requirements and failed builds with uv's reason, and the rest of its errors."""
    for hit in log.find(NO_SOLUTION):
        reason, _ = _reason(log, hit.index)
        klass: FailureClass = "python-version" if PYTHON.find(reason) else "dependency-conflict"
        yield Found(hit.index, klass, "uv", reason or hit["message"], confidence=0.95, details={"reason": reason})
    build = next((hit for hit in log.find(BUILD) if not PIP.find(hit["message"])), None)
    if build is not None:
        reason, end = _reason(log, build.index)
        yield _build(log, build.index, end, reason or build["message"], build["packages"])
    yield from told(log, RULES, project)


def _reason(log: Log, index: int) -> tuple[str, int]:
    """Return the indented explanation below an error, put together, and the line where it ends."""
    parts: list[str] = []
    at = index + 1
    while at < min(len(log), index + 200):
        found = REASON.find(log.line(at))
        if found is None and log.line(at).strip():
            break
        if found is not None:
            parts.append((found["text"] or found["more"]).strip())
        at += 1
    return " ".join(parts)[:1000], at


def _build(log: Log, start: int, end: int, message: str, packages: str) -> Found:
    """A failed build rests on the compiler's error, else on the last one of the backend's output, if there is one."""
    why = list(log.find(WHY, start, end))
    why = [hit for hit in why if ": fatal error: " in hit["message"]][:1] or why
    why = why or list(backend_error(log, start))
    told = why[-1]["message"] if why else message
    place = PLACED.find(told)
    return Found(
        why[-1].index if why else start,
        "packaging",
        "uv",
        told,
        file=place["file"] if place else None,
        line=int(place["line"]) if place else None,
        confidence=0.85,
        details={"packages": packages},
        span=(start, end),
    )
