"""GitHub Actions itself: actions and versions that cannot be resolved, failed downloads, git that cannot fetch."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

CONFIG = rx(
    r"^(?:Error: )?(?P<message>Unable to resolve action.*|This request has been automatically failed because it"
    r" uses a deprecated version of.*"
    r"|(?:The v|V)ersion '?[\w.+-]+'? with arch(?:itecture)? '?\w+'? (?:was )?not found.*|Can't find"
    r" 'action\.ya?ml'.*|(?:The workflow is not valid|Invalid workflow file).*"
    r"|Missing download info for .*|Input required and not supplied: .*|Unexpected input.*not.*valid|Resource not"
    r" accessible by integration.*)$"
)
FLAKE = rx(
    r"^(?:Error: )?(?P<message>Action '.*' download has timed out.*|fatal: unable to access '.*': .*(?:timed out"
    r"|Could not resolve|Connection|connect|reset|SSL|HTTP/2|returned error: 5\d\d).*"
    r"|Failed to download action '.*|.*error: RPC failed; .*|Unable to connect to .*|fatal: (?:early EOF|the"
    r" remote end hung up unexpectedly))$"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what the workflow's own configuration or the network broke."""
    for hit in log.find(CONFIG):
        yield Found(hit.index, "actions-config", "runner", hit["message"], confidence=0.95)
    for hit in log.find(FLAKE):
        yield Found(hit.index, "network-flake", "runner", hit["message"], confidence=0.9)
