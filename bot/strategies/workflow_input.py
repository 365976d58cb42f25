"""Correct a misspelt input of an action, and set up Python where the system's own refuses to be installed into."""

from __future__ import annotations

from collections.abc import Iterable

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.checks.discovery.from_workflows import as_dict
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflow_jobs import inserted, jobs_at
from bot.strategies._workflows import known, told, workflows

_UNKNOWN = re2.compile(r"Unexpected input\(s\) (.+?), valid inputs are \[([^\]]*)\]")
_NEEDED = re2.compile(r"Input required and not supplied: ([\w-]+)")
_QUOTED = re2.compile(r"'([\w-]+)'")
_EXTERNAL = "externally-managed-environment"
_PYTHON = re2.compile(r"\b(?:pip3?|python3?) ")


def _pairs(said: str, given: set[str]) -> dict[str, str]:
    """Return the real name of each input that an action does not have and that is one slip away from one it has."""
    pairs: dict[str, str] = {}
    for wrong, valid in _UNKNOWN.findall(said):
        names = _QUOTED.findall(valid)
        for name in _QUOTED.findall(wrong):
            near = nearest(name, names)
            pairs |= {name: near[0]} if near else {}
    for wanted in _NEEDED.findall(said):
        near = nearest(wanted, given - {wanted})
        pairs |= {near[0]: wanted} if near else {}
    return pairs


def _renamed(text: str, said: str) -> str:
    lines = split_lines(text)
    for job in jobs_at(text):
        for step in (one for one in job.steps if one.uses):
            given = {str(key) for key in as_dict(step.values.get("with"))}
            pairs = {old: new for old, new in _pairs(said, given).items() if old in given and new not in given}
            for at in range(step.line, step.end):
                for old, new in pairs.items():
                    lines[at] = str(re2.sub(rf"^(\s+){re2.escape(old)}(\s*:)", rf"\g<1>{new}\g<2>", lines[at]))
    return "".join(lines)


def _version(codebase: Codebase) -> str:
    """Return the newest Python that the project's metadata allow, of those that every runner offers."""
    offered = ("3.12", "3.11", "3.10", "3.9", "3.13")
    try:
        allowed = SpecifierSet(codebase.metadata.requires_python)
    except InvalidSpecifier:
        return offered[0]
    return next((one for one in offered if allowed.contains(f"{one}.9")), offered[0])


def _set_up(text: str, codebase: Codebase) -> str:
    action = "actions/setup-python"
    for job in reversed(jobs_at(text)):
        first = next((step for step in job.steps if _PYTHON.search(step.run)), None)
        if first and not job.first(action):
            version = f'  python-version: "{_version(codebase)}"'
            text = inserted(text, first, f"uses: {action}@{known()['latest'][action]}", "with:", version)
    return text


@strategy(causes=("actions-config", "missing-dependency", "python-version", "none"), trust="glance",
          touches="workflows", prior=0.85)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the inputs that a log calls unknown, or for the jobs that install into the system."""
    said = told(diagnosis, codebase)
    edits: list[FileEdit] = []
    for path in workflows(codebase):
        text = codebase.text(path)
        new = _set_up(text, codebase) if _EXTERNAL in said else _renamed(text, said)
        edits += edit(path, text, new)
    if edits:
        external = _EXTERNAL in said
        yield Proposal(
            strategy="workflow_input",
            title="Set up a Python of the job's own" if external else "Correct the inputs of an action",
            edits=tuple(edits),
            confidence=0.87,
            why="the system's Python takes no packages from pip." if external else "the action has no such input.",
        )
