"""Install the tool that a step of a workflow calls and that no step before it installs.

It goes where the job installs already: the project's own extra or requirements file that lists it, else by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.metadata import canonical
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflow_jobs import JobAt, StepAt, each_job, inserted, moved
from bot.strategies._workflows import known, told

_MISSING = re2.compile(
    r"([\w.-]+): (?:command )?not found|python[\d.]*: No module named '?([\w-]+)|Failed to spawn: `([\w.-]+)`"
    r"|Unable to locate executable file: ([\w-]+)|(?:env|exec): [‘'\"]?([\w.-]+)[’'\"]?: No such file"
    r"|make: ([\w.-]+): (?:No such file|Command not found)"
)
_SELF = re2.compile(r"(pip3? install (?:[^|&;\n]*?\s)?(?:-e |--editable )?)(['\"]?)\.(['\"]?)(\s|$)")
_PIP = re2.compile(r"^\s*(?:- )?(?:run: )?(?:\S*python3? -m )?pip3? install (.*\S)\s*$")
_ITSELF = frozenset({"-U", "--upgrade", "pip", "setuptools", "wheel"})
_INSTALLS = re2.compile(r"\b(?:pip3?|pipx|apt|apt-get|conda|brew) install\b|\b(?:uv|poetry|pdm) (?:pip install|add)\b")
_ALONE = frozenset({"poetry", "uv", "hatch", "pdm", "pipenv"})  # bring their own environment: apart from the project's


def _missing(said: str) -> list[tuple[str, str]]:
    """Return (command, distribution) of the tools that a log misses."""
    tools: dict[str, str] = known()["tools"]
    names = [next(name for name in groups if name) for groups in _MISSING.findall(said)]
    return [(name, tools[name]) for name in dict.fromkeys(names) if name in tools]


def _calls(step: StepAt, command: str) -> bool:
    """Return whether a step runs a command, or asks setup-python to cache what it installs."""
    given = step.values.get("with")
    if isinstance(given, dict) and given.get("cache") == command and "setup-python" in step.uses:
        return True
    word = re2.compile(rf"(?m)(?:^|[\s;&|(]|-m )({re2.escape(command)})(?:$|[\s;&|)])")
    scripts = "\n".join(line for line in step.run.split("\n") if not _INSTALLS.search(line))
    return bool(word.search(scripts))


def _installs(step: StepAt, name: str) -> bool:
    return bool(re2.search(rf"\b(?:install|add)\b.*(?:^|[\s'\"]){re2.escape(name)}(?:$|[\s'\"=<>\[~])", step.run))


def _supplied(tool: tuple[str, str], codebase: Codebase, text: str, job: JobAt) -> str:
    """Return the text with a tool installed before the first step of a job that calls it."""
    command, name = tool
    first = next((step for step in job.steps if _calls(step, command)), None)
    if first is None or any(_installs(step, name) for step in job.steps if step.line < first.line):
        return text
    late = next((step for step in job.steps if _installs(step, name)), None)
    if late is not None and name in _ALONE:
        return moved(text, late, first)
    if name in _ALONE:
        with_uv = [f"uses: astral-sh/setup-uv@{known()['latest']['astral-sh/setup-uv']}"]
        return inserted(text, first, *(with_uv if name == "uv" else [f"run: pipx install {name}"]))
    lines = split_lines(text)
    for step in (one for one in reversed(job.steps) if one.line < first.line):
        for at in range(step.end - 1, step.line - 1, -1):
            row = lines[at].rstrip("\r\n")
            new = _extended(row, name, codebase)
            if new != row:
                return "".join([*lines[:at], new + lines[at][len(row) :], *lines[at + 1 :]])
    return inserted(text, first, f"run: {_instead(name, codebase)}")


def _extra(name: str, codebase: Codebase) -> str:
    """Return the extra of the project that lists a distribution, '' for none."""
    found = (one.group for one in codebase.metadata.declared(name) if one.format.endswith("-extra"))
    return next((group for group in found if group), "")


def _list(name: str, codebase: Codebase) -> str:
    """Return the requirements file that lists a distribution, '' for none."""
    return next((one.file for one in codebase.metadata.declared(name) if one.format == "requirements"), "")


def _extended(row: str, name: str, codebase: Codebase) -> str:
    """Return a line that installs something with the tool added, unchanged when it is no such line."""
    found, own = _PIP.search(row), _SELF.search(row)
    extra, file = _extra(name, codebase), _list(name, codebase)
    if not found or set(found.group(1).split()) <= _ITSELF:
        return row
    if extra and own:
        return f'{row[: own.start()]}{own.group(1)}".[{extra}]"{own.group(4)}{row[own.end() :]}'
    if any(mark in row for mark in ("&&", ";", "|", "--no-deps", "\\")):
        return row
    return f"{row.rstrip()} {f'-r {file}' if file else name}"


def _instead(name: str, codebase: Codebase) -> str:
    extra, file = _extra(name, codebase), _list(name, codebase)
    return f'pip install -e ".[{extra}]"' if extra else f"pip install -r {file}" if file else f"pip install {name}"


@strategy(
    causes=("actions-config", "missing-dependency", "none", "docs", "lint", "type", "packaging", "no-tests-collected"),
    trust="glance", touches="workflows", prior=0.8,
)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each known tool that a step calls and its job does not install."""
    for tool in _missing(told(diagnosis, codebase)):
        edits = each_job(codebase, partial(_supplied, tool, codebase))
        if edits:
            yield Proposal(
                strategy="workflow_tool",
                title=f"Install {canonical(tool[1])} before it is called",
                edits=edits,
                confidence=0.86,
                why=f"a step calls `{tool[0]}`, and no step before it installs `{tool[1]}`.",
            )
