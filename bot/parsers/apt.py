"""apt: packages that the system's sources do not have, and a package manager that another process holds."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, told
from bot.registry import parser

RULES = (
    Rule(
        rx(
            r"^(?P<message>E: (?:Unable to locate package (?P<packages>\S+)|Package '(?:[^']+)' has no installation"
            r" candidate|Version '[^']+' for '[^']+' was not found|Couldn't find any package by .*))$"
        ),
        "missing-dependency",
        "apt",
        0.85,
    ),
    Rule(
        rx(r"^(?P<message>E: (?:Unable to correct problems, you have held broken packages|Unmet dependencies).*)$"),
        "dependency-conflict",
        "apt",
        0.85,
    ),
    Rule(rx(r"^(?P<message>E: (?:Could not get lock|Unable to lock|dpkg was interrupted).*)$"), "none", "apt", 0.6),
)
HINTS = (Rule(rx(r"^(?P<message>E: \S.*)$"), "none", "apt", 0.35, Weight.HINT, proof=False),)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what apt could not do; any other error of it only counts where nothing tells more."""
    yield from told(log, (*RULES, *HINTS), project)
