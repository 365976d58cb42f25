"""Give each job of a matrix an artifact name of its own: from version 4 on, a name can be taken once in a run."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.checks.discovery.from_workflows import as_dict
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import edit, indent_of
from bot.strategies._workflow_jobs import JobAt, StepAt, jobs_at
from bot.strategies._workflows import told, workflows

_TAKEN = re2.compile(r"an artifact with this name already exists")
_NAME = re2.compile(r"""^(\s*name:\s*)['"]?([\w.-]+)['"]?\s*$""")
UPLOAD, DOWNLOAD = "actions/upload-artifact", "actions/download-artifact"


def _suffix(job: JobAt) -> str:
    """Return what tells the jobs of a matrix apart, '' for a job without one."""
    matrix = as_dict(as_dict(job.values.get("strategy")).get("matrix"))
    keys = [key for key, value in matrix.items() if isinstance(value, list) and key not in {"include", "exclude"}]
    return "".join(f"-${{{{ matrix.{key} }}}}" for key in keys)


def _named(lines: list[str], step: StepAt, job: JobAt, shared: set[str]) -> None:
    """Rename the artifact of a step in place: apart where it is uploaded, all of them where it is downloaded."""
    for at in range(step.line, step.end):
        found = _NAME.search(lines[at].rstrip("\r\n"))
        if not found or found.group(2) != as_dict(step.values.get("with")).get("name"):
            continue
        ending = lines[at][len(lines[at].rstrip("\r\n")) :]
        if step.uses == UPLOAD and _suffix(job):
            lines[at] = f"{found.group(1)}{found.group(2)}{_suffix(job)}{ending}"
        elif step.uses == DOWNLOAD and found.group(2) in shared:
            indent = indent_of(lines[at])
            lines[at] = f"{indent}pattern: {found.group(2)}-*{ending}{indent}merge-multiple: true{ending}"


def _apart(text: str) -> str:
    jobs, lines = jobs_at(text), split_lines(text)
    uploads = [
        (as_dict(step.values.get("with")).get("name"), job) for job in jobs for step in job.steps if step.uses == UPLOAD
    ]
    shared = {str(name) for name, job in uploads if name and _suffix(job)}
    for job in jobs:
        for step in job.steps:
            if step.uses in {UPLOAD, DOWNLOAD}:
                _named(lines, step, job, shared)
    return "".join(lines)


@strategy(causes=("actions-config", "none"), trust="review", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all uploads of a matrix, when the log says that a name was taken already."""
    edits: list[FileEdit] = []
    for path in workflows(codebase) if _TAKEN.search(told(diagnosis, codebase)) else ():
        edits += edit(path, codebase.text(path), _apart(codebase.text(path)))
    if edits:
        yield Proposal(
            strategy="workflow_artifact",
            title="Give the artifacts of each job a name of their own",
            edits=tuple(edits),
            confidence=0.86,
            why="all jobs of the matrix upload under one name, and the second upload is refused.",
        )
