"""Coverage thresholds that were not reached: pytest-cov, coverage, diff-cover, slipcover, interrogate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

NUMBER = r"(?P<got>[\d.]+)"
WANTED = r"(?P<wanted>[\d.]+)"
PYTEST_COV = rx(rf"^(?:FAIL|ERROR:?) Required test coverage of {WANTED}% not reached\. Total coverage: {NUMBER}%$")
COVERAGE = rx(rf"^(?:ERROR: )?Coverage failure: total of {NUMBER} is less than fail-under={WANTED}$")
DIFF = rx(rf"^Failure\. Coverage is below {WANTED}%\.(?P<got>)$")
OWN = rx(
    r"(?i)^(?:\W{0,8}|Error: |ERROR: |FAIL\w*:? )(?P<message>(?:total |test |code |line"
    r" )?coverage\b.{0,60}\b(?:below|under|less than|not meet"
    r"|(?:do|does|did)n't meet|too low|not reached|dropped|decreased|fell)\b.*)(?P<got>)(?P<wanted>)$"
)
SLIPCOVER = rx(r"^\(summary\) +\d+ +\d+ +(?P<got>\d+)$")
NO_DATA = rx(r"^(?P<message>No data to (?:combine|report)\.?|No data was collected\.?)$")
DOCSTRINGS = rx(rf"^(?:-* ?)?RESULT: FAILED \(minimum: {WANTED}%, actual: {NUMBER}%\)(?: ?-*)?$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure: the line of pytest-cov where there is one, else coverage's own."""
    hit = log.first(PYTEST_COV) or log.first(COVERAGE)
    if hit is not None:
        yield _found(hit, "coverage")
    diff = log.first(DIFF)
    if diff is not None:
        yield _found(diff, "diff-cover")
    own = log.first(OWN) if hit is None and diff is None else None
    if own is not None:
        yield replace(_found(own, "coverage"), message=own["message"], weight=Weight.HINT, confidence=0.5, scope="own")
    for sum_ in log.find(SLIPCOVER):  # it ends with an error and no word when the threshold is not reached
        message = f"coverage {sum_['got']} %"
        yield Found(sum_.index, "coverage", "slipcover", message, weight=Weight.HINT, confidence=0.45, proof=False)
    for none in list(log.find(NO_DATA))[:1]:
        yield Found(
            none.index, "coverage", "coverage", none["message"], weight=Weight.HINT, confidence=0.5, proof=False
        )
    docs = log.first(DOCSTRINGS)
    if docs is not None:
        yield _found(docs, "interrogate")


def _found(hit: Hit, tool: str) -> Found:
    got = f"coverage {hit['got']} %" if hit["got"] else "coverage"
    return Found(
        hit.index,
        "docs" if tool == "interrogate" else "coverage",
        tool,
        f"{got} is under the required {hit['wanted']} %",
        details={"got": hit["got"], "wanted": hit["wanted"]},
        confidence=0.95,
        scope="all",
    )
