"""Shells and make: commands that do not exist, files that are not there, targets that failed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

RULES = (
    Rule(
        rx(r"^(?P<message>(?:\S+: )?(?:line \d+: )?(?P<name>[\w./+-]+): (?:command )?not found)$"),
        "missing-dependency",
        "shell",
        0.8,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^(?P<message>(?:error: Failed to spawn: `(?P<name>[\w./+-]+)`.*|make(?:\[\d+\])?:"
            r" (?P<packages>[\w./+-]+):"
            r" (?:Command not found|No such file or directory)))$"
        ),
        "missing-dependency",
        "shell",
        0.8,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^(?P<message>The program '(?P<name>[\w./+-]+)' is (?:currently )?not installed\..*"
            r"|Command '(?P<packages>[\w./+-]+)' not found, but can be installed with:?.*)$"
        ),
        "missing-dependency",
        "shell",
        0.8,
        Weight.HINT,
    ),
    Rule(rx(r"^(?P<message>Jupyter command `(?P<name>[\w-]+)` not found\.)$"), "missing-dependency", "jupyter", 0.9),
    Rule(
        rx(r"^(?P<message>\S*python[\w.]*(?:\.exe)?: No module named '?(?P<name>[\w.]+)'?.*)$"),
        "missing-dependency",
        "python",
        0.95,
    ),
    Rule(
        rx(r"^(?P<message>\S*python[\w.]*(?:\.exe)?: (?:can't open file|Error while finding module specification).*)$"),
        "none",
        "python",
        0.6,
    ),
    Rule(
        line(
            r"(?:cat|cp|mv|cd|ls|tar|bash|sh|chmod|source|rm|sed|\S+\.sh|\S+: line \d+)(?: .*)?: .*(?:No such"
            r" file or directory|Permission denied|cannot stat .*)"
        ),
        "none",
        "shell",
        0.5,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^(?P<message>\S+: (?:line )?\d+: .*(?:unbound variable|[Ss]yntax error.*|bad substitution"
            r"|parameter not set))$"
        ),
        "none",
        "shell",
        0.5,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^(?P<message>(?:[\w.-]+: error: (?:the following arguments are required|argument \S+: |unrecognized"
            r" arguments"
            r"|ambiguous option|too few arguments)|Error: (?:No such (?:option|command)|Missing (?:argument"
            r"|option|command)"
            r"|Invalid value for|Got unexpected extra argument)|Unexpected option ).*)$"
        ),
        "none",
        "shell",
        0.45,
        Weight.HINT,
    ),
    Rule(rx(r"^(?P<message>make(?:\[\d+\])?: \*\*\* .*)$"), "none", "make", 0.3, Weight.HINT),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what the shell said; most of it counts only when nothing else explains the failure."""
    yield from told(log, RULES, project)
