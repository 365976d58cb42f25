"""Findings that follow from one file alone, looked for once for each content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from bot.codebase import Codebase
from bot.detectors._seen import Finding


def kept(
    kind: str, codebase: Codebase, paths: Iterable[str], find: Callable[[Codebase, str], Iterable[Finding]]
) -> Iterator[Finding]:
    """Yield what `find` finds in files, by path; it must look at nothing but the file, and carry no failures."""

    def make(path: str) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(finding) for finding in find(codebase, path)]

    for _, rows in codebase.noted(kind, paths, make):
        for row in rows:
            yield Finding(**{**row, "evidence": tuple(row["evidence"]), "failures": ()})
