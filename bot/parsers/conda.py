"""conda, mamba and micromamba: environments that cannot be solved, found or fetched."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

AGAIN = "Could not solve for environment specs"  # conda's own error has told it before
RULES = (
    Rule(line(r"(?:LibMambaUnsatisfiableError|UnsatisfiableError): .*"), "dependency-conflict", "conda", 0.95),
    Rule(line(r"(?:error +libmamba )?Could not solve for environment specs.*"), "dependency-conflict", "conda", 0.9),
    Rule(line(r"(?:PackagesNotFoundError|ResolvePackageNotFound): ?.*"), "dependency-conflict", "conda", 0.9),
    Rule(line(r"(?:CondaHTTPError|CondaSSLError|ChecksumMismatchError): .*"), "network-flake", "conda", 0.85),
    Rule(
        line(
            r"(?:critical|error) +libmamba (?:Multiple errors occur+ed|Download error|Could not load repodata"
            r"|.*transfer).*"
        ),
        "network-flake",
        "conda",
        0.7,
    ),
    Rule(
        line(
            r"(?:EnvironmentFileNotFound|SpecNotFound|EnvironmentLocationNotFound|CondaValueError"
            r"|CondaEnvException|EnvironmentNameNotFound): .*"
        ),
        "actions-config",
        "conda",
        0.8,
    ),
    Rule(
        line(r"Found conflicts! Looking for incompatible packages\..*"),
        "dependency-conflict",
        "conda",
        0.6,
        Weight.HINT,
    ),
    Rule(line(r"CondaEnvException: Pip failed"), "dependency-conflict", "conda", 0.5),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what conda could not solve, find or fetch."""
    found = list(told(log, RULES, project))
    named = any("Unsatisfiable" in one.message for one in found)
    yield from (one for one in found if not (named and one.message.endswith(AGAIN)))
