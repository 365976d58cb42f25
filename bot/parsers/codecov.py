"""Codecov and Coveralls: reports that could not be found or uploaded."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import NETWORK_TEXT
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

SAID = rx(
    r"^(?:\['error'\]|error - [\d-]+ [\d:,]+ --|🚨 ERROR:|coveralls\.exception\.CoverallsException:) (?P<message>\S.*)$"
)
FAILED = rx(r"^(?:##\[error\]|Error: )?(?P<message>Codecov:? .*(?:[Ff]ailed|exit code).*)$")
DOWN = rx(
    r"ENETUNREACH|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|socket hang up|\b(?:429|50\d)\b|[Tt]imed? ?out|[Rr]ate limit"
)
FOUND = rx(r"(?i)no paths matched|no coverage (?:files|reports)|could(?:n't| not) find|not found\b.*(?:file|report)")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what the uploader says as hints: an upload seldom fails a job, and never one that something else failed."""
    said = list(log.find(SAID))
    last = said[-1:] or list(log.find(FAILED))[-1:]
    for hit in last:
        yield Found(
            hit.index, _klass(hit["message"]), "codecov", hit["message"][:500], weight=Weight.HINT, confidence=0.5
        )


def _klass(message: str) -> FailureClass:
    if DOWN.find(message) or NETWORK_TEXT.find(message):
        return "network-flake"
    return "coverage" if FOUND.find(message) else "actions-config"
