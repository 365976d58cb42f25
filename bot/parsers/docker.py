"""Docker: builds that stop, images that are not there, a daemon that does not answer."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

SOLVE = (
    r"^ {0,4}(?:(?:Error|ERROR|error): |buildx failed with: |Build failed: )*(?:failed to build: )?(?:failed to"
    r" solve: |The command '|"
    r"(?:rpc error: .*: )?executor failed running )(?P<message>"
)
INSTALLS = (
    r"(?:(?:pip3?|uv|poetry|pdm|conda|mamba|pipenv)(?: -\S+)* (?:install|sync|env create)|setup\.py|python -m build)\b"
)
ENDED = r"(?:did not complete successfully: exit code: \d+|\]: exit code: \d+|returned a non-zero code: \d+)"
RULES = (
    Rule(
        line(r".*(?:manifest for \S+ not found: manifest unknown|pull access denied for [^,]+,).*"),
        "actions-config",
        "docker",
        0.85,
    ),
    Rule(
        rx(r"^(?P<message>(?:ERROR: |error: )?(?:Cannot connect to the Docker daemon|unable to prepare context: ).*)$"),
        "none",
        "docker",
        0.6,
        Weight.HINT,
    ),
    Rule(
        rx(
            SOLVE
            + r".*(?:did not complete successfully: |\]: )exit code: (?:137|247)|.*returned a non-zero code: 137)$"
        ),
        "oom",
        "docker",
        0.5,
        Weight.HINT,
    ),
    Rule(
        rx(SOLVE + r"(?:failed to compute cache key|dockerfile parse error|.*(?:not found|no such file)\b).*)$"),
        "none",
        "docker",
        0.5,
        Weight.HINT,
    ),
    Rule(rx(SOLVE + r".*" + INSTALLS + r".*" + ENDED + r")$"), "packaging", "docker", 0.42, Weight.HINT),
    Rule(rx(SOLVE + r".*" + ENDED + r")$"), "none", "docker", 0.21, Weight.HINT),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what stopped Docker itself; what stopped the command inside of a build is told by that command's tool."""
    yield from told(log, RULES, project)
