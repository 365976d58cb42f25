"""Break lines that a linter calls too long: brackets, texts, comments and docstrings, the program left as it was."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._text import edit
from bot.strategies._wrap import shortened

_CODES = frozenset({"E501", "B950", "C0301", "line-too-long"})
# ruff and flake8 write "(98 > 79", pylint writes "(98/79)"
_LIMIT = re2.compile(r"\(\d+ ?[>/] ?(\d{2,3})\b")


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file with lines that can be broken."""
    wanted: dict[str, dict[int, int]] = {}
    for failure in diagnosis.failures:
        limit = re2.search(_LIMIT, f"{failure.message} {failure.root_line}")
        for path, line in places_of(failure) if limit and failure.code in _CODES else ():
            if path.endswith((".py", ".pyi")) and path in codebase.files:
                wanted.setdefault(path, {})[line] = int(limit.group(1))
    for path, limits in wanted.items():
        text = codebase.text(path)
        edits = edit(path, text, shortened(text, limits)) if "\r" not in text else ()
        if edits:
            yield Proposal(
                strategy="long_line",
                title=f"Break long lines in {path}",
                edits=edits,
                confidence=0.88,
                why="Only white space, brackets and the ends of texts differ: Python reads the same program.",
            )
