"""Correct a misspelt key or event in a workflow file that GitHub could not read."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflow_shape import EVENTS, JOB, STEP
from bot.strategies._workflows import told, workflows

_UNEXPECTED = re2.compile(r"\(Line: (\d+), Col: \d+\): Unexpected value '([^']+)'")
_KEYS = (JOB | STEP | EVENTS) | frozenset(
    "on jobs matrix fail-fast max-parallel inputs include exclude image options ports volumes credentials branches"
    " branches-ignore tags tags-ignore paths paths-ignore types cron group cancel-in-progress url args"
    " entrypoint workflows required default description".split()
)


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each key that GitHub did not expect and that is one slip away from a real one."""
    for number, key in dict.fromkeys(_UNEXPECTED.findall(told(diagnosis, codebase))):
        near = nearest(key, _KEYS)
        event = nearest(key, EVENTS)
        for path in workflows(codebase) if near else ():
            lines = split_lines(codebase.text(path))
            at = int(number) - 1
            pattern = re2.compile(rf"^(\s*(?:-\s+)?){re2.escape(key)}(\s*:)")
            listed = re2.compile(rf"^(\s*(?:on:.*?|-\s+)[\s\[,]*){re2.escape(key)}([\s,\]]|$)")
            if near is None or at >= len(lines):
                continue
            if pattern.search(lines[at]):
                lines[at] = str(pattern.sub(rf"\1{near[0]}\2", lines[at]))
            elif event and listed.search(lines[at]):
                near = event
                lines[at] = str(listed.sub(rf"\1{near[0]}\2", lines[at]))
            else:
                continue
            yield Proposal(
                strategy="workflow_key",
                title=f"Correct {key} to {near[0]} in {path}",
                edits=edit(path, codebase.text(path), "".join(lines)),
                confidence=near[1],
                why=f"GitHub knows no `{key}` here; `{near[0]}` is the only key that near.",
            )
