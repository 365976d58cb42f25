"""The network: downloads, registries and remotes that did not answer, as the last word of a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

BROKEN = (
    r"(?:[Tt]imed? ?out|Could not resolve|Connection (?:reset|refused|timed)|[Ff]ailed to connect|SSL"
    r"|HTTP/2 stream|returned error: (?:429|5\d\d)|Operation too slow|[Rr]ecv failure)"
)
RULES = (
    Rule(line(r"fatal: unable to access '.*': .*" + BROKEN + ".*"), "network-flake", "git"),
    Rule(
        line(
            r"(?:error: RPC failed; .*|fatal: (?:early EOF|the remote end hung up unexpectedly|fetch-pack: .*)"
            r"|ssh: connect to host .* (?:timed out|refused).*)"
        ),
        "network-flake",
        "git",
        0.85,
    ),
    Rule(
        line(
            r"curl: \((?:5|6|7|18|28|35|52|55|56|92)\) .*|curl: \(22\) The requested URL returned error: (?:429"
            r"|5\d\d).*"
        ),
        "network-flake",
        "curl",
    ),
    Rule(
        line(
            r"(?:E|W|Err):? ?(?:Failed to fetch|Could not connect to|Some index files failed to"
            r" download|The repository '.*' (?:does not|no longer)).*"
        ),
        "network-flake",
        "apt",
        0.85,
    ),
    Rule(
        line(
            r".*(?:toomanyrequests: |You have reached your pull rate limit|net/http: TLS handshake timeout"
            r"|net/http: request canceled|i/o timeout|Client\.Timeout exceeded|received unexpected HTTP status:"
            r" 5\d\d).*"
        ),
        "network-flake",
        "docker",
        0.85,
    ),
    Rule(
        line(
            r"Action '.*' download has timed out.*|Failed to download (?:action|archive) '.*|.*API rate limit"
            r" exceeded.*|HttpError: (?:429|5\d\d|.*rate limit).*|.*ECONNRESET.*|.*ETIMEDOUT.*|.*EAI_AGAIN.*"
            r"|.*socket hang up.*"
        ),
        "network-flake",
        "runner",
        0.85,
    ),
    Rule(
        line(
            r"(?:wget: unable to resolve|wget: .*timed out|.*Temporary failure (?:in name resolution|resolving)"
            r"|.*: HTTP Error (?:429|5\d\d).*|(?:429|50\d) (?:Client|Server) Error: .* for url: .*|.*Service"
            r" Unavailable.*|.*502 Bad Gateway.*|.*504 Gateway Time-?out.*).*"
        ),
        "network-flake",
        "network",
        0.75,
    ),
)
NEAR = 15
TOGETHER = 2  # lines apart
PIP_RETRIES = "WARNING: Retrying (Retry("  # pip itself tells what came of them


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each kind of trouble where it began to be told last.

    Far from an exit line it is a hint, for it was retried.
    """
    exits = [hit.index for hit in log.find(EXIT)] + [i for i, level in log.levels.items() if level == "error"]
    for rule in RULES:
        every = [one for one in told(log, (replace(rule, many=True),), project) if PIP_RETRIES not in one.message]
        for found in _of_last(every):
            final = (not exits and len(log) - found.index <= NEAR) or any(0 <= i - found.index <= NEAR for i in exits)
            yield replace(found, weight=Weight.CAUSE if final else Weight.HINT, proof=final)


def _of_last(found: Sequence[Found]) -> Sequence[Found]:
    """Return the first of the last ones that stand together: one trouble may be told for several files."""
    at = len(found) - 1
    while at > 0 and found[at].index - found[at - 1].index <= TOGETHER:
        at -= 1
    return found[at : at + 1] if found else ()
