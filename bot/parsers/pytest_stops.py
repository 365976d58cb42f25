"""pytest that stopped before it ran a test: its configuration, its arguments, a conftest, or an error of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import innermost
from bot.parsers._pytest_tracebacks import read_section
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

CONFTEST = rx(r"^(?:ImportError|ConftestImportFailure|ModuleNotFoundError) while loading conftest '(?P<path>[^']+)'")
INTERNAL = rx(r"^INTERNALERROR> ?(?P<text>.*)$")
OWN = rx(r"^(?:E   | {4}|\S+:\d+: in |\s*$|[\w./\\-]+\.py:\d+)")
MOST_LINES = 400
_CONFIGURED = r"(?P<file>\S+\.(?:toml|ini|cfg)):"
RULES = (
    Rule(rx(rf"^ERROR: {_CONFIGURED} ?(?P<line>\d{{1,9}}): (?P<message>.+)$"), "syntax-error", "pytest", 0.9),
    Rule(
        rx(rf"^ERROR: {_CONFIGURED} (?P<message>.+ \(at line (?P<line>\d{{1,9}}), column \d+\))$"),
        "syntax-error",
        "pytest",
        0.9,
    ),
    Rule(
        rx(
            r"^(?:\S*python[\d.]* -m pytest|pytest|py\.test|pytest\.py|__main__\.py): error:"
            r" (?P<message>unrecognized arguments: -.*)$"
        ),
        "missing-dependency",
        "pytest",
        0.8,
    ),
    Rule(line(r"Unknown config option: \w+"), "none", "pytest", 0.7),
    Rule(line(r"'[\w-]+' not found in `markers` configuration option"), "none", "pytest", 0.7),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what stopped pytest; the exception inside where there is one."""
    yield from told(log, RULES, project)
    for hit in log.find(CONFTEST):
        lines = log.lines(hit.index + 1, min(len(log), hit.index + MOST_LINES))
        end = next((at for at, text in enumerate(lines) if not OWN.find(text)), len(lines))
        yield from _raised(lines[:end], hit.index + 1, project, project.path(hit["path"]))
    yield from _internal(log, project)


def _internal(log: Log, project: Project) -> Iterator[Found]:
    hits = list(log.find(INTERNAL))
    if hits:
        start = hits[0].index
        yield from _raised([hit["text"] for hit in hits], start, project, "")


def _raised(lines: list[str], start: int, project: Project, file: str) -> Iterator[Found]:
    """Yield the exception that some lines show; none when they show none."""
    read = read_section(lines, project)
    if read.exception is None:
        return
    place = innermost(read.frames)
    klass = classify(read.exception, read.message, own=project.own, loading=bool(file))
    yield Found(
        start + read.index,
        "crash" if klass == "test-failure" else klass,
        "pytest",
        read.message,
        read.exception,
        file=place.file if place else file or None,
        line=place.line if place else None,
        frames=read.frames,
        span=(start, start + len(lines)),
        scope="all",
    )
