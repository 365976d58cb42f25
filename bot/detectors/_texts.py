"""Prose against the code: examples that import or use what is not there, and links to files that are gone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.detectors._examples import Wrong, wrong_examples
from bot.detectors._seen import Finding
from bot.detectors._surface import Surface

PROSE = (".md", ".rst", ".txt")
LARGEST = 500_000  # characters of one text
_LINK = re2.compile(r"\]\(([^()\s#?]+)(?:[#?][^()\s]*)?(?:\s+\"[^\"]*\")?\)")
_LINKED = (".md", ".rst", ".txt", ".py", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".json")
_PAST = ("changelog", "changes", "history", "news", "release", "upgrad", "migrat", "porting", "whatsnew", "what-s-new")
_PLACES = frozenset({"docs", "doc", "."})


def text_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding (severity low) for each example and link in the prose that leads to nothing."""
    surface = Surface(codebase)
    for path in sorted(codebase.files):
        if path.endswith(PROSE) and _is_ours(path):
            text = codebase.text(path)
            if len(text) <= LARGEST:
                for one in wrong_examples(codebase, text, surface):
                    yield _finding(path, one)
                yield from _links(codebase, path, text) if path.endswith(".md") else ()


def _is_ours(path: str) -> bool:
    parts = PurePosixPath(path).parts
    named = parts[-1].lower().startswith(_PAST)
    return not named and (len(parts) == 1 or parts[0] in _PLACES or parts[-1].lower().startswith("readme"))


def _links(codebase: Codebase, path: str, text: str) -> Iterator[Finding]:
    folders = {str(parent) for file in codebase.files for parent in PurePosixPath(file).parents}
    for found in _LINK.finditer(text):
        target = found.group(1)
        if "://" in target or target.startswith(("/", "mailto:", "<", "{", "../../")) or not target.endswith(_LINKED):
            continue
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if place.startswith("..") or place in codebase.files or place in folders:
            continue
        line = text[: found.start()].count("\n") + 1
        yield _finding(path, Wrong(line, "broken-link", target, f"links to {target}, which is not there"))


def _finding(path: str, one: Wrong) -> Finding:
    return Finding(
        type="documentation",
        cause=f"{one.pattern}:{path}:{one.what}",
        severity="low",
        description=f"{path}, line {one.line}, {one.said}",
        confidence=0.8,
        handler=PurePosixPath(path).name,
        metrics={"pattern": one.pattern, "class": "docs", "tool": "prose", "file": path, "line": one.line}
        | {"what": one.what}
        | ({"message": one.message} if one.message else {}),
        evidence=(f"{path}:{one.line}",),
    )
