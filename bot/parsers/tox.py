"""tox and nox: missing interpreters and sessions that failed, when no tool inside tells more."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

GOOD = rx(r"^(?: *congratulations :\).*|nox > Session \S+ was successful.*)$")
RULES = (
    Rule(
        rx(r"^(?P<message>(?:ERROR:  ?)?(?:\S+: )?(?:ERROR: )?InterpreterNotFound: (?P<name>\S+))$"),
        "python-version",
        "tox",
        0.9,
    ),
    Rule(
        rx(
            r"^(?P<message>\S+: (?:failed|internal error|error) (?:with|because) could not find python"
            r" interpreter.*)$"
        ),
        "python-version",
        "tox",
        0.85,
    ),
    Rule(
        rx(
            r"^(?P<message>nox > (?:Error: |Session .* failed: )?(?:Python )?[Ii]nterpreter"
            r" '?(?P<name>[\w./-]+)'? not found.*)$"
        ),
        "python-version",
        "nox",
        0.9,
    ),
    Rule(
        rx(r"^(?P<message>nox > Session .* skipped: Python interpreter (?P<name>[\w./-]+) not found.*)$"),
        "python-version",
        "nox",
        0.6,
        Weight.HINT,
        proof=False,
    ),
    Rule(line(r"could not find python interpreter matching any of the specs .*"), "python-version", "tox", 0.9),
    Rule(
        rx(
            r"^(?P<message>ERROR: unknown environment '.*'|ROOT: HandledError\| .*|ERROR:  ?tox\.ini.*|nox >"
            r" Sessions not found: .*)$"
        ),
        "none",
        "tox",
        0.6,
    ),
    Rule(
        rx(r"^(?P<message>nox > Program (?P<name>\S+) not found\.?)$"),
        "missing-dependency",
        "nox",
        0.9,
    ),
    Rule(
        rx(
            r"^(?P<message>\S+: Exception running subprocess \[Errno 2\] No such file or directory: '(?P<name>[^']+)')$"
        ),
        "missing-dependency",
        "tox",
        0.9,
    ),
    Rule(
        rx(r"^(?P<message>nox > (?:Command .* failed with exit code -?\d+.*|Session \S+ (?:failed|aborted).*))$"),
        "none",
        "nox",
        0.3,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^(?P<message>ERROR: InvocationError for command .*|ERROR:  +\S+: commands failed|  \S+: FAIL code"
            r" \d+.*|\S+: exit \d+ \([\d.]+ seconds\) .*)$"
        ),
        "none",
        "tox",
        0.3,
        Weight.HINT,
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield missing interpreters as causes, failed sessions as hints, and what ended well as claims."""
    yield from told(log, RULES, project)
    for hit in log.find(GOOD):
        yield Claim(hit.index, hit.index + 1, "tox", True)
