"""Stop testing on Python versions that the project itself says it doesn't run on.

The metadata are what users rely on, so they stay; the versions leave the matrix, or give way to the oldest one allowed.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import edit, indent_of
from bot.strategies._workflow_jobs import block_end
from bot.strategies._workflows import told, workflows

_REFUSED = re2.compile(
    r"requires a different Python: (\d+\.\d+)[\w.]* not in"
    r"|Python version (\d+\.\d+)[\w.]* is not supported by the project"
    r"|interpreter resolved to Python (\d+\.\d+)[\w.]*, which is incompatible"
    r"|Python request `(\d+\.\d+)[\w.]*`.*incompatible with the project"
)  # fmt: skip
_FLOW = re2.compile(r"^(\s*(?:- )?[\w-]*(?:python|py)[\w-]*:\s*\[)([^\]]*)(\].*)$")
_KEY = re2.compile(r"^\s*(?:- )?[\w-]*(?:python|py)[\w-]*:\s*(?:#.*)?$")
_ITEM = re2.compile(r"""^\s*- ['"]?(\d\.\d+)(?:\.\d+|-dev)?['"]?\s*(?:#.*)?$""")
_ROW = re2.compile(r"""^\s*- [\w-]*(?:python|py)[\w-]*: ['"]?(\d\.\d+)['"]?\s*(?:#.*)?$""")
_ALONE = re2.compile(r"""^(\s*python-version:\s*)['"]?(\d\.\d+)(?:\.\d+)?['"]?(\s*(?:#.*)?)$""")
_KNOWN = tuple(f"3.{minor}" for minor in range(7, 15))


def _allowed(codebase: Codebase) -> SpecifierSet | None:
    text = codebase.metadata.requires_python
    try:
        return SpecifierSet(text) if text else None
    except InvalidSpecifier:
        return None


def _fits(version: str, allowed: SpecifierSet) -> bool:
    """Return whether any patch release of a Python is allowed."""
    return any(allowed.contains(f"{version}.{patch}") for patch in (0, 5, 20))


def _without(text: str, allowed: SpecifierSet) -> str:
    """Return a workflow without the Pythons that are not allowed, as it was where nothing would be left of a list."""
    lines = split_lines(text)
    made: list[str] = []
    at, inside = 0, False
    while at < len(lines):
        row = lines[at].rstrip("\r\n")
        ending = lines[at][len(row) :]
        item, alone, include = _ITEM.search(row), _ALONE.search(row), _ROW.search(row)
        if item and inside and not _fits(item.group(1), allowed):
            at += 1
            continue
        if include and not _fits(include.group(1), allowed):
            at = block_end(lines, at)
            continue
        if alone and not _fits(alone.group(2), allowed):
            oldest = next((one for one in _KNOWN if _fits(one, allowed)), alone.group(2))
            row = f'{alone.group(1)}"{oldest}"{alone.group(3)}'
        made.append(_thinned(row, allowed) + ending)
        inside = bool(_KEY.search(row)) or (inside and (bool(item) or not row.strip() or row.strip().startswith("#")))
        at += 1
    new = "".join(made)
    return text if _emptied(made) else new


def _thinned(row: str, allowed: SpecifierSet) -> str:
    """Return a line whose list in brackets holds only Pythons that are allowed."""
    found = _FLOW.search(row)
    parts = [part.strip() for part in found.group(2).split(",")] if found else []
    kept = [part for part in parts if not _is_refused(part.strip("'\""), allowed)]
    return f"{found.group(1)}{', '.join(kept)}{found.group(3)}" if found and kept != parts and kept else row


def _is_refused(version: str, allowed: SpecifierSet) -> bool:
    short = re2.match(r"^(\d\.\d+)(?:\.\d+|-dev)?$", version)
    return bool(short) and not _fits(short.group(1), allowed)


def _emptied(lines: list[str]) -> bool:
    """Return whether a list of Pythons has lost all it had."""
    rows = [line for line in lines if line.strip()]
    return any(
        _KEY.search(row.rstrip("\r\n"))
        and len(indent_of(after)) <= len(indent_of(row))
        and not after.strip().startswith("-")
        for row, after in zip(rows, [*rows[1:], ""], strict=True)
    )


@strategy(causes=("python-version", "dependency-conflict", "packaging", "actions-config"), trust="review",
          touches="workflows", prior=0.8)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when an installer refused the project itself on a Python that its metadata exclude."""
    allowed = _allowed(codebase)
    found = [next(one for one in groups if one) for groups in _REFUSED.findall(told(diagnosis, codebase))]
    if allowed is None or not any(not _fits(version, allowed) for version in found):
        return
    edits: list[FileEdit] = []
    for path in workflows(codebase):
        edits += edit(path, codebase.text(path), _without(codebase.text(path), allowed))
    if edits:
        yield Proposal(
            strategy="workflow_matrix",
            title=f"Run on Pythons that fit {allowed}",
            edits=tuple(edits),
            confidence=0.86,
            why=f"the project's metadata ask for Python {allowed}; the installer refuses it on others.",
        )
