"""Releases that their index withdrew, and distributions that go on under another name: read, so of low severity."""

from __future__ import annotations

from collections.abc import Iterator

from bot.codebase import Codebase
from bot.codebase.distributions import renamed
from bot.codebase.metadata import Dependency
from bot.detectors._seen import Finding


def withdrawn_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding for each declared dependency whose release in the environment was withdrawn (PEP 592)."""
    for name, reason in codebase.info.withdrawn.items():
        version = codebase.packages.get(name, "")
        declared = codebase.metadata.declared(name)
        if declared and version:
            one = next((each for each in declared if version in each.requirement), declared[0])
            because = f": {reason}" if reason else ""
            said = f"{_where(one)}, brings {name} {version}, which was withdrawn from its index{because}"
            yield _finding("withdrawn-release", one, said, {"version": version, "reason": reason})


def renamed_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding for each declared dependency that goes on under another name."""
    for one in codebase.metadata.dependencies:
        new = renamed(one.name)
        if new and not codebase.metadata.declared(new.now):
            said = f"{_where(one)}, asks for {one.name}, which goes on as {new.now} ({new.source})"
            yield _finding("renamed-distribution", one, said, {"distribution": new.now, "source": new.source})


def _where(one: Dependency) -> str:
    return f"{one.file}, line {one.line}"


def _finding(pattern: str, one: Dependency, said: str, more: dict[str, str]) -> Finding:
    known = {"pattern": pattern, "class": pattern, "tool": "metadata", "file": one.file, "line": one.line}
    return Finding(
        type="dependency",
        cause=f"{pattern}:{one.name}:{one.file}:{more.get('version', '')}",
        severity="low",
        description=said,
        confidence=0.9,
        handler=one.name,
        metrics={**known, "what": one.name, **more},
        evidence=(f"{one.file}:{one.line}",),
    )
