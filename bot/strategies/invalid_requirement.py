"""Write a requirement as PEP 508 wants it: `name==1.0` instead of `name=1.0`, no blank in a version."""

from __future__ import annotations

from collections.abc import Iterable

import re2
from packaging.requirements import InvalidRequirement, Requirement

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import edit
from bot.strategies._workflows import told

_SINGLE = re2.compile(r"^([A-Za-z0-9][\w.-]*(?:\[[\w, -]+\])?)\s*=\s*(\d[\w.*]*)$")
_REVERSED = re2.compile(r"^([A-Za-z0-9][\w.-]*)\s*(=>|=<)\s*(\d[\w.*]*)$")
_COMMAS = re2.compile(r"\s*,(?:\s*,)+\s*")
_TABLES = ("project.dependencies", "project.optional-dependencies", "dependency-groups", "build-system.requires")
_QUOTED = re2.compile(r"""["']([^"'\n]+)["'](;?)""")
_LISTED = re2.compile(r"""["']([^"'\n]+)["']|^\s*([A-Za-z0-9][^\s#;]*(?:\s*=[^#;\n]*)?)""")


def corrected(requirement: str) -> str:
    """Return a requirement in its valid form, '' when it is valid already or beyond repair."""
    text = requirement.strip()
    try:
        Requirement(text)
    except InvalidRequirement:
        fixed = str(_COMMAS.sub(",", _SINGLE.sub(r"\1==\2", text))).rstrip(", ")
        found = _REVERSED.search(fixed)
        if found:
            fixed = f"{found.group(1)}{found.group(2)[::-1]}{found.group(3)}"
        return fixed if fixed != text and _valid(fixed) else ""
    return ""


def _valid(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


def _repaired(path: str, text: str, said: str) -> str:
    """Return a metadata file with the invalid requirements that the log quotes corrected."""
    lines = split_lines(text)
    for at, line in enumerate(lines):
        body = line.rstrip("\r\n")
        for quoted, bare in (_QUOTED if path.endswith(".toml") else _LISTED).findall(body):
            old = (quoted or (bare if path.endswith((".txt", ".in", ".cfg")) else "")).strip()
            new = corrected(old) if old and any(part in said for part in (old, old.replace(" ", ""), *_TABLES)) else ""
            if new:
                lines[at] = line.replace(old, new, 1)
    return "".join(lines)


@strategy(causes=("packaging", "dependency-conflict", "dependency"), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all requirements that the installer can't read and that have one valid form."""
    said = told(diagnosis, codebase)
    words = ("nvalid requirement", "install_requires", "valid operator", "Parse error", *_TABLES)
    if not any(word in said for word in words):
        return
    edits: list[FileEdit] = []
    for path in codebase.metadata.files:
        edits += edit(path, codebase.text(path), _repaired(path, codebase.text(path), said))
    if edits:
        yield Proposal(
            strategy="invalid_requirement",
            title=f"Write requirements in {edits[0].path} as installers read them",
            edits=tuple(edits),
            confidence=0.93,
            why="PEP 508 knows no single `=`, no doubled comma and no blank in a version.",
        )
