"""Cases that were written before the strategies they ask for, and kept: one line of JSON a case, one file a class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.ciclasses.case import Case

FOLDER = Path(__file__).parent / "kept"


def kept(klass: str) -> Iterator[Case]:
    """Yield the kept cases of a class; none where the class has no file."""
    path = FOLDER / f"{klass}.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        yield Case(klass=klass, **json.loads(line))
