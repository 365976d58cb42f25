"""npm: the code that its errors begin with."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

CODE = rx(r"^npm (?:ERR!|error) (?P<message>code (?P<code>E[A-Z0-9]+))$")
KINDS: dict[str, FailureClass] = {
    "ERESOLVE": "dependency-conflict",
    "ETARGET": "dependency-conflict",
    "EUSAGE": "lockfile",
    **dict.fromkeys(("ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "E429", "E502", "E503"), "network-flake"),
    "ENOSPC": "disk-full",
}


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the first error as a hint: the tools of Python tell more where both are there."""
    hit = log.first(CODE)
    if hit is not None:
        klass = KINDS.get(hit["code"], "none")
        yield Found(hit.index, klass, "npm", hit["message"], code=hit["code"], weight=Weight.HINT, confidence=0.5)
