"""Fetch the whole history and its tags, where a step of a workflow reads a version or a difference from them."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._text import indent_of, newline_of
from bot.strategies._workflow_jobs import JobAt, each_job
from bot.strategies._workflows import told

_SHALLOW = re2.compile(
    r"No names found, cannot describe anything|setuptools-scm was unable to detect version|no merge base"
    r"|ambiguous argument '[^']*(?:\.\.|origin/|HEAD[~^])|bad revision '[^']*(?:\.\.|origin/|HEAD[~^])"
    r"|shallow (?:clone|repository|update not allowed)|[Ii]nvalid revision range|fetch-depth|No tags? (?:found|exist)"
    r"|unknown revision or path not in the working tree"
)
_DEPTH = re2.compile(r"^(\s*fetch-depth:\s*)['\"]?[1-9]\d*['\"]?(\s*(?:#.*)?)$")


def _deep(text: str, job: JobAt) -> str:
    """Return the text whose checkout step in a job fetches everything; unchanged where there is none."""
    step = job.first("actions/checkout")
    if step is None:
        return text
    lines, end = split_lines(text), newline_of(text)
    indent = f"{indent_of(lines[step.line])}  "
    given = step.values.get("with")
    for at in range(step.line, step.end):
        row = lines[at].rstrip("\r\n")
        if isinstance(given, dict) and "fetch-depth" in given:
            lines[at] = str(_DEPTH.sub(r"\g<1>0\g<2>", row)) + lines[at][len(row) :]
        elif isinstance(given, dict) and row.strip() == "with:":
            return "".join([*lines[: at + 1], f"{indent_of(lines[at + 1])}fetch-depth: 0{end}", *lines[at + 1 :]])
    if isinstance(given, dict):
        return "".join(lines)
    return "".join([*lines[: step.end], f"{indent}with:{end}{indent}  fetch-depth: 0{end}", *lines[step.end :]])


@strategy(causes=("actions-config", "packaging", "none", "lint", "docs", "missing-dependency"), trust="glance",
          touches="workflows", prior=0.8)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the shallow checkouts of the workflows, when a log misses history or tags."""
    edits = each_job(codebase, _deep) if _SHALLOW.search(told(diagnosis, codebase)) else ()
    if edits:
        yield Proposal(
            strategy="workflow_history",
            title="Fetch the whole history with its tags",
            edits=edits,
            confidence=0.86,
            why="actions/checkout fetches one commit and no tags unless it is told otherwise.",
        )
