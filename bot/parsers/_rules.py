"""Single lines that tell a failure, as a table: a pattern, the class it means and how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.logs.findings import Found, Scope, Weight
from bot.logs.lines import Hit, Log
from bot.logs.paths import is_library
from bot.logs.patterns import Rx, rx
from bot.logs.project import Project
from bot.model import FailureClass

PREFIX = r"^ {0,4}(?:Error: |ERROR: |error: |\[error\] ?)?"
ERROR_LINE = rx(
    r"^(?:\S+ )?(?:\[?(?i:error|fatal|failure|critical|exception)\]?:? |(?i:error)\[\w+\]:|(?:ERROR|FATAL|FAILED"
    r"|FAIL)\b|E: |✗|✖|❌|×)"
    r"|^\S[^:]*:\d+(?::\d+)?:? (?:fatal )?error\b|\b[A-Z]\w*(?:Error|Exception): "
)
PLACE = rx(r"^(?P<file>[\w./\\-]+\.\w+):(?P<line>\d{1,9})(?::\d+)?:? ")
NAMED = rx(
    r"(?:^|[\s\"'`(\[=])(?P<file>[\w./\\-]+\.(?:pyi?|pyx|ipynb|toml|cfg|ini|ya?ml|json|lock|rst|md|txt))\b"
    r"(?:(?::|[\"'`]?,? \(?(?:on |at )?line )(?P<line>\d{1,9}))?"
)


@dataclass(frozen=True)
class Rule:
    """One line to look for; its groups `message`, `file`, `line`, `code` and `exception` fill the failure.

    `file` and `exception` are told where the line names none. `many` keeps every different message, else the first
    line alone is told.
    """

    pattern: Rx
    klass: FailureClass
    tool: str
    confidence: float = 0.9
    weight: Weight = Weight.CAUSE
    scope: Scope = "own"
    proof: bool = True
    many: bool = False
    file: str = ""
    exception: str = ""


def line(text: str) -> Rx:
    """Return a pattern for a whole line, with the prefixes that error lines wear; the text becomes its message."""
    return rx(PREFIX + "(?P<message>" + text + ")[ \\t]*$")


def told(log: Log, rules: Iterable[Rule], project: Project) -> Iterator[Found]:
    """Yield the failures that the rules find, each message once for a rule."""
    for rule in rules:
        seen: set[str] = set()
        for hit in log.find(rule.pattern):
            message = hit.groups.get("message", "") or log.line(hit.index).strip()
            if message in seen or (seen and not rule.many):
                continue
            seen.add(message)
            yield _found(hit, rule, message, project)


def place_in(text: str, project: Project) -> tuple[str | None, int | None]:
    """Return (file, line) that a line of text names; of several files nobody knows which is meant: (None, None)."""
    first = PLACE.find(text)
    named = [first] if first else [place for _, place in NAMED.hits(text.encode("utf-8", "replace"))]
    files = {project.path(place["file"]) for place in named}
    file = files.pop() if len(files) == 1 else ""
    if not file or file.startswith("/") or is_library(file):
        return None, None
    line = next((place["line"] for place in named if place["line"]), "")
    return file, int(line[:9]) if line else None


def _found(hit: Hit, rule: Rule, message: str, project: Project) -> Found:
    groups = hit.groups
    number = groups.get("line", "")
    given = project.path(groups["file"]) if groups.get("file") else rule.file
    place = (given, int(number[:9]) if number else None) if given or number else place_in(message, project)
    return Found(
        hit.index,
        rule.klass,
        rule.tool,
        message[:500],
        groups.get("exception") or rule.exception or None,
        file=place[0] or None,
        line=place[1],
        code=groups.get("code", ""),
        details={key: groups[key] for key in ("packages", "name") if groups.get(key)},
        confidence=rule.confidence,
        weight=rule.weight,
        scope=rule.scope,
        proof=rule.proof,
    )
