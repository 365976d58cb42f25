"""Correct a misspelt key of a project's metadata."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflows import told

_UNEXPECTED = re2.compile(
    r"must not contain \{'([\w-]+)'\} properties|\('([\w-]+)' was unexpected\)"
    r"|[Uu]nknown (?:field|key) [`'\"]([\w-]+)[`'\"]"
)
# https://packaging.python.org/en/latest/specifications/pyproject-toml/ and https://python-poetry.org/docs/pyproject/
_KEYS = frozenset(
    "name version description readme requires-python license license-files authors maintainers keywords classifiers"
    " urls scripts gui-scripts entry-points dependencies optional-dependencies dynamic packages include exclude extras"
    " plugins homepage repository documentation requires build-backend backend-path source group"
    " dev-dependencies".split()
)


@strategy(causes=("packaging",), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each key that the backend refuses and that is one slip away from a real one."""
    for groups in dict.fromkeys(_UNEXPECTED.findall(told(diagnosis, codebase))):
        key = next(group for group in groups if group)
        near, text = nearest(key, _KEYS), codebase.files.get("pyproject.toml", "")
        pattern = re2.compile(rf"^(\s*\[(?:\w+\.)*)?{re2.escape(key)}(\]|\.|\s*=)")
        lines = split_lines(text)
        hits = [at for at, line in enumerate(lines) if pattern.search(line)]
        if near and len(hits) == 1:
            lines[hits[0]] = lines[hits[0]].replace(key, near[0], 1)
            yield Proposal(
                strategy="project_key",
                title=f"Correct {key} to {near[0]} in pyproject.toml",
                edits=edit("pyproject.toml", text, "".join(lines)),
                confidence=near[1],
                why=f"the specification knows no `{key}`; `{near[0]}` is the only key that near.",
            )
