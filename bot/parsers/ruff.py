"""Ruff's linter: full, concise and grouped output."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.parsers._rules import place_in
from bot.registry import parser

PRESENT = rx(
    r"^Found \d+ errors?(?: \(\d+ fixed, \d+ remaining\))?\.$|^ruff\.*(?:Failed|Passed)|^- hook id: ruff|(?:^"
    r"|\s)ruff (?:check|\.)|fixable with the `--fix` option"
)
CODE = r"[A-Z]{1,5}\d{2,4}|SyntaxError|invalid-syntax"
CONCISE = rx(
    r"^(?:Error: )?(?P<file>[^\s:][^:]*\.(?:pyi?|ipynb)):(?:cell \d+:)?(?P<line>\d{1,9}):(?:(?P<column>\d+):)?"
    rf" (?:(?P<code>{CODE}):? |\[(?P<bracketed>{CODE})\] )(?:\[\*\] )?(?P<message>.*?)(?:%0A.*)?$"
)
GROUP = rx(r"^(?P<file>[^\s:][^:]*\.(?:pyi?|ipynb)):$")
MEMBER = rx(rf"^ +(?P<line>\d{{1,9}}):\d+ +(?P<code>{CODE}):? (?:\[\*\] )?(?P<message>.*)$")
CHANGED = rx(r"^--- (?P<file>\S+\.(?:pyi?|ipynb)(?::cell \d+)?)$")
SHOWN = 400  # lines of a difference
WOULD_FIX = rx(r"^(?P<message>Would fix (?P<count>\d+) errors?.*)$")
BROKEN = rx(r"^ruff failed$")
FULL = rx(r"^(?P<code>[A-Z]{1,5}\d{2,4}|invalid-syntax):? (?:\[\*\] )?(?P<message>\S.*)$")
ARROW = rx(r"^ *--> (?P<file>[^:]+):(?:cell \d+:)?(?P<line>\d{1,9}):\d+$")
HELP = rx(r"^help: (?P<message>.+)$")
CUT = {"Remove unused import": "F401", "Remove assignment to unused variable": "F841", "Organize imports": "I001"}
TOTAL = rx(r"^Found (?P<count>\d+) errors?(?: \(.*\))?\.$")
BY_RUFF = rx(r"title=[Rr]uff[ (]")
GOOD = rx(r"^All checks passed!$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each code."""
    findings = [*_full(log), *_grouped(log)]
    if log.first(PRESENT) is not None or BY_RUFF.first(log.raw_text) >= 0:
        findings += [
            Finding(h.index, h["file"], int(h["line"]), h["code"] or h["bracketed"], h["message"])
            for h in log.find(CONCISE)
        ]
    if not findings and log.first(TOTAL) is not None:
        findings = list(_cut(log))
    yield from by_code(findings, "ruff", project)
    if not findings:
        yield from _others(log, project)
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "ruff", True)


def _full(log: Log) -> Iterator[Finding]:
    """The full form puts the place on the line after the rule."""
    for arrow in log.find(ARROW):
        head = FULL.find(log.line(arrow.index - 1))
        if head is not None:
            yield Finding(arrow.index - 1, arrow["file"], int(arrow["line"]), head["code"], head["message"])


def _grouped(log: Log) -> Iterator[Finding]:
    for head in log.find(GROUP):
        for at in range(head.index + 1, len(log)):
            member = MEMBER.find(log.line(at))
            if member is None:
                break
            yield Finding(at, head["file"], int(member["line"]), member["code"], member["message"])


def _others(log: Log, project: Project) -> Iterator[Found]:
    """A diff of fixes names no rule; a broken configuration names its cause on the next line."""
    for hit in log.find(WOULD_FIX):
        shown = log.first(CHANGED, max(0, hit.index - SHOWN), hit.index)
        file = project.path(shown["file"]) if shown else None
        yield Found(hit.index, "lint", "ruff", hit["message"], file=file, details={"count": hit["count"]})
    for hit in log.find(BROKEN):
        told = log.line(hit.index + 1).strip()
        file, line = place_in(told, project)
        yield Found(hit.index + 1, "lint", "ruff", told, file=file, line=line, confidence=0.6)


def _cut(log: Log) -> Iterator[Finding]:
    """A log cut at its head may have lost the rule's line and kept its help."""
    for hit in log.find(HELP):
        code = next((code for start, code in CUT.items() if hit["message"].startswith(start)), "")
        yield Finding(hit.index, "", 0, code, hit["message"])
