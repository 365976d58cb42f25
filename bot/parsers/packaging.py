"""Building and publishing distributions: setuptools, hatchling, build, twine, compilers, manifests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._build_output import backend_error
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

ENDED = rx(
    r"^ *(?:ERROR Backend subprocess exited when trying to invoke .*"
    r"|error: command '?.*(?:gcc|g\+\+|cc|clang|cl\.exe|swig|cmake).*'? failed.*)$"
)
NEAR = 10
WRAPPERS = frozenset({"compiler", "twine"})  # a compiler may have run out of memory, a check tells why it failed below
RULES = (
    Rule(
        rx(r"^error: (?P<message>\[Errno 2\] No such file or directory: '[^']*\.(?:dist-info|egg-info)/[^']*')$"),
        "packaging",
        "setuptools",
        0.9,
        exception="FileNotFoundError",
    ),
    Rule(
        rx(
            r"^ *error: (?P<message>(?:Multiple top-level (?:packages|modules) discovered|package directory '.*'"
            r" does not exist|no commands supplied|can't copy '.*'|invalid command '.*'|Can't (?:download|find)"
            r"|[Cc]ould not find suitable distribution|The '.*' distribution was not found).*)$"
        ),
        "packaging",
        "setuptools",
        0.9,
    ),
    Rule(rx(r"^ *error in (?P<name>\S+) setup command: (?P<message>.*)$"), "packaging", "setuptools", 0.9),
    Rule(
        rx(
            r"^(?P<message>ERROR (?:Backend subprocess exited when trying to invoke|Failed to (?:parse|build)"
            r"|Source .* does not appear to be a Python project|Missing dependencies:).*)$"
        ),
        "packaging",
        "build",
        0.75,
        Weight.UMBRELLA,
    ),
    Rule(
        rx(
            r"^(?P<message>(?:LookupError: setuptools-scm was unable to detect version|ValueError: Unable to"
            r" determine which files to ship inside the wheel|.*InvalidVersion: Invalid version).*)$"
        ),
        "packaging",
        "build",
        0.9,
    ),
    Rule(
        rx(
            r"^ *(?P<message>error: command '?.*(?:gcc|g\+\+|cc|clang|cl\.exe|x86_64-linux-gnu-gcc|swig"
            r"|cmake).*'? failed.*)$"
        ),
        "packaging",
        "compiler",
        0.6,
        Weight.UMBRELLA,
    ),
    Rule(
        rx(r"^ *(?P<file>[^\s:]+):(?P<line>\d{1,9}):\d+: (?:fatal )?error: (?P<message>.*)$"),
        "packaging",
        "compiler",
        0.7,
        Weight.HINT,
    ),
    Rule(
        rx(r"^ *(?P<message>error: Microsoft Visual C\+\+ [\d.]+ (?:or greater )?is required.*)$"),
        "packaging",
        "compiler",
        0.9,
    ),
    Rule(
        rx(
            r"^ {0,8}(?P<message>(?:(?:ERROR|error) +(?:`long_description` has syntax errors|InvalidDistribution: "
            r"|HTTPError: 40\d )"
            r"|HTTPError: 4\d\d .*(?:from|for url:) https?://|error: Failed to publish `).*)$"
        ),
        "packaging",
        "twine",
        0.9,
    ),
    Rule(rx(r"^(?P<message>HTTP Error 4\d\d: .* \| b['\"].*)$"), "packaging", "poetry", 0.85),
    Rule(
        rx(
            r"(?i)^(?P<message>.*\b(?:fail(?:ed|ure)|error|could not|can not|cannot|unable|rejected|denied)\b.*"
            r"\b(?:upload|publish)\w*\b.*\.(?:whl|tar\.gz)\b.*"
            r"|.*\.(?:whl|tar\.gz)\b.*\b(?:fail(?:ed|ure)|error|rejected|denied)\b.*\b(?:upload|publish)\w*\b.*)$"
        ),
        "packaging",
        "upload",
        0.35,
        Weight.HINT,
        proof=False,
    ),
    Rule(
        rx(r"^(?P<message>Flit cannot package .*?(?:\((?P<file>[^()\s]+\.py)\)\.?)?)$"),
        "packaging",
        "flit",
        0.8,
    ),
    Rule(rx(r"^(?P<message>Config error: (?P<name>\S.*))$"), "packaging", "flit", 0.7, Weight.HINT),
    Rule(rx(r"^(?P<message>Checking \S+: (?:\S+ )?FAILED.*)$"), "packaging", "twine", 0.6, Weight.UMBRELLA),
    Rule(
        rx(r"^(?P<message>lists of files in version control and sdist do not match!)$"),
        "packaging",
        "check-manifest",
        0.9,
    ),
    Rule(
        line(r"(?:pyroma|check-wheel-contents|validate-pyproject).*(?:failed|invalid).*"), "packaging", "packaging", 0.7
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what broke a build or a release; where a backend's output explains the failure, that and nothing else."""
    why = {one.index: one for one in _explained(log, project)}
    yield from why.values()
    for one in told(log, RULES, project):
        if not why or one.weight == Weight.CAUSE:
            yield replace(one, span=(max(0, one.index - NEAR), one.index + NEAR)) if one.tool in WRAPPERS else one


def _explained(log: Log, project: Project) -> Iterator[Found]:
    for end in log.find(ENDED):
        for hit in backend_error(log, end.index):
            place = hit.groups.get("file", "")
            yield Found(
                hit.index,
                "packaging",
                "compiler" if place else "build",
                hit["message"],
                file=project.path(place) if place else None,
                line=int(hit["line"][:9]) if place else None,
                confidence=0.9,
            )
