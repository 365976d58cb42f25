"""Findings of linters, one line each, put together by rule: one failure per code with all its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.logs.findings import Found
from bot.logs.project import Project
from bot.model import FailureClass

PLACES = 50


@dataclass(frozen=True)
class Finding:
    """One finding of a linter on line `index` of the log."""

    index: int
    file: str
    line: int
    code: str
    message: str


def by_code(findings: Iterable[Finding], tool: str, project: Project, klass: FailureClass = "lint") -> Iterator[Found]:
    """Yield one failure for each code, at its first place, with the places and their number in its details."""
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.code, []).append(one)
    for code, found in groups.items():
        first = found[0]
        places = list(dict.fromkeys(f"{project.path(f.file)}:{f.line}" for f in found))
        syntax = code in ("E999", "E0001", "invalid-syntax", "F999") and klass == "lint"
        yield Found(
            first.index,
            "syntax-error" if syntax else klass,
            tool,
            first.message,
            None,
            None,
            project.path(first.file) or None,
            first.line or None,
            code=code,
            details={"count": str(len(found)), "places": " ".join(places[:PLACES])},
        )
