"""Where the jobs and steps of a workflow file stand, so that steps can be added, moved and changed line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import re2

from bot.checks.discovery.from_workflows import as_dict
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import FileEdit
from bot.strategies._text import edit, indent_of, newline_of
from bot.strategies._workflows import workflows

_COMMENT = re2.compile(r"^\s*#")


@dataclass(frozen=True)
class StepAt:
    """One step: its values, the line of its dash (from 0), and the line behind its last."""

    values: dict[str, Any]
    line: int
    end: int

    @property
    def uses(self) -> str:
        """Return the action without its version, '' for a step that runs a script."""
        return str(self.values.get("uses") or "").partition("@")[0]

    @property
    def run(self) -> str:
        """Return the script that the step runs, '' for an action."""
        found = self.values.get("run")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class JobAt:
    """One job in block style: its name, values, the line of its name (from 0), the lines of its keys, its steps."""

    name: str
    values: dict[str, Any]
    line: int
    keys: dict[str, int]
    steps: tuple[StepAt, ...]

    def first(self, *actions: str) -> StepAt | None:
        """Return the first step that uses one of these actions."""
        return next((step for step in self.steps if step.uses in actions), None)


def jobs_at(text: str) -> tuple[JobAt, ...]:
    """Return the jobs of a workflow that are written in block style; none where YAML can't read the file."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="rt", pure=True).load(text)
        jobs = data.get("jobs") if isinstance(data, dict) else None
        return tuple(_jobs(jobs, split_lines(text))) if isinstance(jobs, dict) else ()
    except (YAMLError, ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return ()


def _jobs(jobs: Any, lines: list[str]) -> Iterator[JobAt]:
    for name in jobs:
        job: Any = jobs[name]
        if not hasattr(job, "fa") or not hasattr(job, "keys") or job.fa.flow_style():
            continue
        keys = {str(key): job.lc.key(key)[0] for key in job}
        yield JobAt(str(name), dict(job), jobs.lc.key(name)[0], keys, tuple(_steps(job.get("steps"), lines)))


def _steps(steps: Any, lines: list[str]) -> Iterator[StepAt]:
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        line = steps.lc.item(number)[0]
        if isinstance(step, dict) and lines[line].lstrip().startswith("-"):
            yield StepAt(as_dict(dict(step)), line, block_end(lines, line))


def each_job(codebase: Codebase, change: Callable[[str, JobAt], str]) -> tuple[FileEdit, ...]:
    """Return the edits that `change` makes to the texts of all workflow files, given each of their jobs, last first."""
    edits: list[FileEdit] = []
    for path in workflows(codebase):
        text = codebase.text(path)
        for job in reversed(jobs_at(text)):
            text = change(text, job)
        edits += edit(path, codebase.text(path), text)
    return tuple(edits)


def block_end(lines: list[str], at: int) -> int:
    """Return the line behind the block that starts at line `at`, without the blank lines and comments below it."""
    own, end = len(indent_of(lines[at])), at + 1
    while end < len(lines) and (not lines[end].strip() or len(indent_of(lines[end])) > own):
        end += 1
    while end > at + 1 and (not lines[end - 1].strip() or _COMMENT.search(lines[end - 1])):
        end -= 1
    return end


def inserted(text: str, at: StepAt, *rows: str) -> str:
    """Return the text with a step before another: `rows` are its lines, those behind the first below its dash."""
    lines = split_lines(text)
    indent, end = indent_of(lines[at.line]), newline_of(text)
    first = at.line
    while first and _COMMENT.search(lines[first - 1]) and indent_of(lines[first - 1]) == indent:
        first -= 1
    made = [f"{indent}{'- ' if not number else '  '}{row}{end}" for number, row in enumerate(rows)]
    gap = [end] if first and not lines[first - 1].strip() else []
    return "".join([*lines[:first], *made, *gap, *lines[first:]])


def moved(text: str, step: StepAt, before: StepAt) -> str:
    """Return the text with one step before another that stands above it."""
    lines = split_lines(text)
    block = lines[step.line : step.end]
    if block and not block[-1].endswith("\n"):
        block[-1] += newline_of(text)
    rest = [*lines[: step.line], *lines[step.end :]]
    return "".join([*rest[: before.line], *block, *rest[before.line :]])
