"""uv: resolution, lock files, builds and interpreters."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

NO_SOLUTION = rx(r"^ *[×x] (?P<message>No solution found when resolving .*)$")
REASON = rx(r"^ *╰─▶ (?P<text>.*)$|^ {6,}(?P<more>\S.*)$")
PYTHON = rx(r"(?i)Python version|does not satisfy Python|Requires-Python|Python[<>=!~]")
RULES = (
    Rule(
        line(r"The lockfile at `uv\.lock` needs to be updated, but `--(?:locked|frozen|check)` was provided.*"),
        "lockfile",
        "uv",
        0.95,
        file="uv.lock",
    ),
    Rule(line(r"Unable to find lockfile at `uv\.lock`.*"), "lockfile", "uv", 0.95, file="uv.lock"),
    Rule(line(r"Failed to parse `?uv\.lock`?.*"), "lockfile", "uv", 0.9, file="uv.lock"),
    Rule(
        line(
            r"No interpreter found for .*|The (?:requested|Python request) .*(?:resolved to"
            r"|incompatible).*requires-python.*|The (?:current|requested|supplied) Python (?:interpreter|version)"
            r" .*(?:incompatible|does not satisfy|not satisf).*"
        ),
        "python-version",
        "uv",
        0.9,
    ),
    Rule(
        rx(r"^ *× (?P<message>Failed to (?:build|build and install) `(?P<packages>[^`]+)`.*)$"), "packaging", "uv", 0.85
    ),
    Rule(
        rx(r"^ *× (?P<message>Failed to (?:download|fetch)(?: and build)? `(?P<packages>[^`]+)`.*)$"),
        "network-flake",
        "uv",
        0.7,
    ),
    Rule(line(r"Failed to fetch: `[^`]+`"), "network-flake", "uv", 0.85),
    Rule(line(r"Failed to (?:parse|build)[: ]`?[^`]*pyproject\.toml`?.*"), "packaging", "uv", 0.85),
    Rule(
        line(r"No virtual environment found.*|The interpreter at .* is externally managed.*"),
        "actions-config",
        "uv",
        0.7,
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield unsolvable requirements with uv's reason, and the rest of its errors."""
    for hit in log.find(NO_SOLUTION):
        reason = _reason(log, hit.index)
        klass: FailureClass = "python-version" if PYTHON.find(reason) else "dependency-conflict"
        yield Found(
            hit.index,
            klass,
            "uv",
            reason or hit["message"],
            confidence=0.95,
            details={"reason": reason},
        )
    yield from told(log, RULES, project)


def _reason(log: Log, index: int) -> str:
    parts: list[str] = []
    for at in range(index + 1, index + 40):
        found = REASON.find(log.line(at))
        if found is None:
            break
        parts.append((found["text"] or found["more"]).strip())
    return " ".join(parts)[:1000]
