"""flake8, pycodestyle and pyflakes: one finding a line."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

FINDING = rx(
    r"^(?:Error: )?(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}):(?:(?P<column>\d+):)?"
    r" (?:(?P<code>[A-Z]{1,4}\d{2,4}) |\[(?P<bracketed>[A-Z]{1,4}\d{2,4})\] )(?P<message>[^\[].*)$"
)
OTHER = rx(
    r"title=[Rr]uff[ (]|^Found \d+ errors?\.$|^ruff\.*(?:Failed|Passed)|^- hook id: ruff|(?:^|\s)ruff (?:check"
    r"|\.)|fixable with the"
    r" `--fix` option"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each code."""
    if log.first(OTHER) is None and OTHER.first(log.raw_text) < 0:
        yield from by_code(
            (
                Finding(h.index, h["file"], int(h["line"]), h["code"] or h["bracketed"], h["message"])
                for h in log.find(FINDING)
                if not h["code"].startswith("DEP")  # deptry's, which shows them alike
            ),
            "flake8",
            project,
        )
