"""Smaller linters, like vulture, codespell, darglint, rstcheck, doc8, deptry, yamllint, eslint and sqlfluff."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import Rx, rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.parsers._rules import Rule, told
from bot.registry import parser

PLACE = r"^(?P<file>[^\s:][^:]*\.\w+):(?P<line>\d{1,9}):"
FORMS = {
    "vulture": rx(PLACE + r" (?P<message>(?P<code>unused [a-z]+|unreachable code) .*\(\d+% confidence.*\))$"),
    "codespell": rx(PLACE + r" (?P<message>(?P<code>[A-Za-z'-]+) ==> .+)$"),
    "rstcheck": rx(PLACE + r" (?P<message>\((?P<code>ERROR|WARNING|SEVERE)/\d\) .*)$"),
    "doc8": rx(PLACE + r" (?P<code>D\d{3}) (?P<message>.*)$"),
    "deptry": rx(r"^(?P<file>[^\s:][^:]*\.\w+):(?:(?P<line>\d{1,9}):\d+:)? (?P<code>DEP\d{3}) (?P<message>.*)$"),
    "markdownlint": rx(
        r"^(?P<file>[^\s:][^:]*\.(?:md|markdown)):(?P<line>\d{1,9})(?::\d+)?:? (?:error )?(?P<code>MD\d{3})"
        r"(?:/[\w-]+)*:? (?P<message>.*)$"
    ),
    "xenon": rx(
        r"^(?:ERROR:)?xenon:(?P<code>block) \"(?P<file>[^\s\":]+\.py):(?P<line>\d{1,9}) [^\"]*\""
        r" (?P<message>has a rank of [A-F])$"
    ),
    "darglint": rx(r"^(?P<file>[^\s:][^:]*\.py):\w+:(?P<line>\d{1,9}): (?P<code>DAR\d+): (?P<message>.*)$"),
}
COMMIT = rx(
    r"^(?:-|\d+): (?P<code>(?:UC|[TBMI])\d{1,2})"
    r" (?P<message>(?:Title|Body|Author|Commit|Line|Message|Missing|Found)\b.*)$"
)
CODE_FILE = rx(r"^(?P<file>\S+\.pyi?)$")
DOCSTRING = rx(r"^ {4}(?P<line>\d{1,9}): (?P<code>DOC\d{3}): (?P<message>\S.*)$")
YAML_FILE = rx(r"^(?P<file>\S+\.ya?ml)$")
YAML = rx(r"^  +(?P<line>\d{1,9}):\d+ +error +(?P<message>.*?) +\((?P<code>[a-z-]+)\)$")
SQL_FILE = rx(r"^== \[(?P<file>[^\]]+)\] FAIL$")
SQL = rx(r"^L: +(?P<line>\d{1,9}) \| P: +\d+ \| (?P<code>[A-Z]{2,3}\d{2,3}|L\d{3}) \| (?P<message>\S.*)$")
SCRIPT_FILE = rx(r"^(?P<file>\S+\.(?:[cm]?[jt]sx?|vue|svelte))$")
SCRIPT = rx(r"^  +(?P<line>\d{1,9}):\d+ +error +(?P<message>\S.*?)(?: {2,}(?P<code>[@\w/-]+))?$")
RULES = (
    Rule(rx(r"^(?P<message>Unfortunately, your project is not compliant with .*)$"), "lint", "reuse"),
    Rule(rx(r"^(?P<message>Found \d+ known vulnerabilit(?:y|ies)\b.* in \d+ packages?.*)$"), "lint", "pip-audit"),
    Rule(rx(r"^(?P<message>commit validation: failed!)$"), "lint", "commitizen"),
    Rule(rx(r"^(?P<message>Broken contracts)$|^(?P<name>\S.*) BROKEN$"), "lint", "import-linter", 0.85),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each tool and kind of finding."""
    for tool, pattern in FORMS.items():
        found = [Finding(h.index, h["file"], int(h["line"] or 0), h["code"], h["message"]) for h in log.find(pattern)]
        yield from by_code(found, tool, project)
    commits = [Finding(hit.index, "", 0, hit["code"], hit["message"]) for hit in log.find(COMMIT)]
    yield from by_code(commits, "gitlint", project)
    yield from by_code(_below(log, CODE_FILE, DOCSTRING), "pydoclint", project, "docs")
    yield from by_code(_below(log, YAML_FILE, YAML), "yamllint", project)
    yield from by_code(_below(log, SCRIPT_FILE, SCRIPT), "eslint", project)
    yield from by_code(_below(log, SQL_FILE, SQL), "sqlfluff", project)
    yield from told(log, RULES, project)


def _below(log: Log, head: Rx, pattern: Rx) -> Iterator[Finding]:
    """Findings that stand below the line of their file."""
    for hit in log.find(pattern):
        above = [log.line(at) for at in range(hit.index - 1, max(-1, hit.index - 200), -1)]
        file = next((f["file"] for f in map(head.find, above) if f), "")
        yield Finding(hit.index, file, int(hit["line"]), hit["code"], hit["message"])
