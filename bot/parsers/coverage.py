"""Coverage thresholds that were not reached."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

REQUIRED = rx(r"^FAIL Required test coverage of (?P<wanted>[\d.]+)% not reached\. Total coverage: (?P<got>[\d.]+)%$")
TOTAL = rx(r"^(?:ERROR: )?Coverage failure: total of (?P<got>[\d.]+) is less than fail-under=(?P<wanted>[\d.]+)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure: the line of pytest-cov where there is one, else coverage's own."""
    hit = log.first(REQUIRED) or log.first(TOTAL)
    if hit is not None:
        yield Found(
            hit.index,
            "coverage",
            "coverage",
            f"coverage {hit['got']} % is under the required {hit['wanted']} %",
            details={"got": hit["got"], "wanted": hit["wanted"]},
            confidence=0.95,
            anywhere=True,
        )
