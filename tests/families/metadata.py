"""Cases of project metadata: `files.txt` holds a project, `metadata.txt` what is read from it and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.codebase import of
from bot.codebase.metadata import Metadata
from bot.codebase.metadata.locks import locked
from tests.families.discovery import read


def run(unit: str, case: Path) -> dict[str, str]:
    """Return the metadata of a case, one fact a line."""
    files = read(case / "files.txt")
    found = of(files).metadata
    fixed = locked(files, (*found.locks, *found.files))
    lines = [*_facts(found), *(f"locked {one.constraint()}" for one in fixed)]
    return {"metadata.txt": "".join(f"{line}\n" for line in lines)}


def _facts(found: Metadata) -> Iterator[str]:
    at = found.requires_python_at
    yield f"{found.name or '-'} {found.version or '-'}, files {' '.join(found.files)}, locks {' '.join(found.locks)}"
    if at:
        yield f"python {found.requires_python} at {at.file}:{at.line}"
    for one in found.dependencies:
        yield f"{one.file}:{one.line} [{one.format}] ({one.group}) {one.name} | {one.requirement}"
    for section in found.sections:
        yield f"section {section.file}:{section.line}-{section.end_line} [{section.format}] ({section.group})"
    yield from (f"includes ({outer}) ({inner})" for outer, inner in found.includes)
    yield from (f"script {' '.join(script)}" for script in found.scripts)
    yield from (f"problem {problem}" for problem in found.problems)
