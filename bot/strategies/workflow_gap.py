"""Supply what a workflow leaves out: a runner, an action's version, a closing brace, a job's or context's real name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import re2

from bot.checks.discovery.from_workflows import yaml_values
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit, indent_of
from bot.strategies._workflow_shape import CONTEXTS, FUNCTIONS, jobs
from bot.strategies._workflows import known, told, workflows

_SAID = re2.compile(r"\(Line: (\d+), Col: \d+\): (.*)")
_NO_RUNNER = re2.compile(r"^Required property is missing: runs-on")
_NO_REF = re2.compile(r"^Expected format \{org\}/\{repo\}\[/path\]@ref\. Actual '([\w./-]+)'")
_NO_JOB = re2.compile(r"^Job '[^']*' depends on unknown job '([^']+)'")
_NO_CONTEXT = re2.compile(r"^Unrecognized named-value: '([^']+)'")
_NO_FUNCTION = re2.compile(r"^Unrecognized function: '([^']+)'")
_TWICE = re2.compile(r"^The identifier '([^']+)' may not be used more than once")
_QUOTED = re2.compile(r"^Unexpected symbol: '\"")
_DOUBLE = re2.compile(r"\"([^\"']*)\"")
_EXPRESSION = re2.compile(r"(\$\{\{[^{}]*)\}($|[^}])")
_OPEN = re2.compile(r"(\$\{\{[^{}]*?)\s*$")


def _runner(codebase: Codebase) -> str:
    """Return the runner that most jobs of the repository ask for, GitHub's newest Ubuntu where there is none."""
    found = [job.get("runs-on") for path in workflows(codebase) for _, job in jobs(yaml_values(codebase.text(path)))]
    named = Counter(one for one in found if isinstance(one, str) and "$" not in one)
    return named.most_common(1)[0][0] if named else "ubuntu-latest"


def _with_runner(lines: list[str], at: int, codebase: Codebase) -> str | None:
    """Put a runner in front of the job's first key, which is the line that the message points at."""
    at = at + 1 if lines[at].strip().startswith("#") or _is_job(lines, at) else at
    if at >= len(lines) or not _is_job(lines, at - 1):
        return None
    ending = "\r\n" if lines[at].endswith("\r\n") else "\n"
    lines.insert(at, f"{indent_of(lines[at])}runs-on: {_runner(codebase)}{ending}")
    return "Say on which runner the job runs"


def _is_job(lines: list[str], at: int) -> bool:
    """Return whether a line names a job: a key alone, one step inside `jobs`."""
    line = lines[at].rstrip()
    above = [one for one in lines[:at] if one.strip() and len(indent_of(one)) < len(indent_of(line))]
    return line.endswith(":") and bool(above) and above[-1].strip() == "jobs:"


def _with_version(lines: list[str], at: int, action: str) -> str | None:
    latest = known()["latest"].get(action)
    if not latest or not lines[at].rstrip().rstrip("'\"").endswith(action):
        return None
    lines[at] = lines[at].replace(action, f"{action}@{latest}")
    return f"Ask for {action}@{latest}"


def _with_name(lines: list[str], at: int, name: str, names: Iterable[str]) -> str | None:
    """Correct a word near a line to the one real name that is near to it."""
    near = nearest(name, names)
    word = re2.compile(rf"\b{re2.escape(name)}\b")
    for place in (at, at + 1, at - 1):
        if near and 0 <= place < len(lines) and word.search(lines[place]):
            lines[place] = str(word.sub(near[0], lines[place]))
            return f"Correct {name} to {near[0]}"
    return None


def _with_brace(lines: list[str], at: int) -> str | None:
    body = lines[at].rstrip("\r\n")
    closed = str(_EXPRESSION.sub(r"\1}}\2", body))
    if closed == body and body.count("${{") == body.count("}}") + 1:
        closed = str(_OPEN.sub(r"\1 }}", body))
    if closed == body:
        return None
    lines[at] = closed + lines[at][len(body) :]
    return "Close an expression"


def _with_own_id(lines: list[str], at: int, name: str) -> str | None:
    """Give the second of two steps another identifier, where nothing refers to either by it."""
    own = re2.compile(rf"(\bid:\s*['\"]?){re2.escape(name)}(['\"]?\s*(?:#.*)?)$")
    if any(f"steps.{name}." in line for line in lines) or not own.search(lines[at].rstrip("\r\n")):
        return None
    body = lines[at].rstrip("\r\n")
    lines[at] = str(own.sub(rf"\g<1>{name}-2\g<2>", body)) + lines[at][len(body) :]
    return f"Tell the second step {name} from the first"


def _with_quotes(lines: list[str], at: int) -> str | None:
    """Write the texts of an expression in single quotes, the only ones that expressions know."""
    for place in (one for one in (at, at + 1, at - 1) if 0 <= one < len(lines)):
        head, _, value = lines[place].partition(":")
        whole = value.strip().startswith('"') and value.strip().endswith('"')
        if ("${{" in value or head.strip(" -") == "if") and not whole and _DOUBLE.search(value):
            lines[place] = f"{head}:" + str(_DOUBLE.sub(r"'\1'", value))
            return "Write texts in expressions in single quotes"
    return None


def _changed(lines: list[str], at: int, message: str, codebase: Codebase) -> str | None:
    """Change the line that a message is about; return what was done, None when nothing was."""
    if _NO_RUNNER.search(message):
        return _with_runner(lines, at, codebase)
    for pattern, change in _NAMED.items():
        found = pattern.search(message)
        if found:
            return change(lines, at, found.group(1))
    if _QUOTED.search(message):
        return _with_quotes(lines, at)
    return _with_brace(lines, at) if "expression" in message or "Unexpected symbol" in message else None


_NAMED: dict[Any, Callable[[list[str], int, str], str | None]] = {
    _NO_REF: _with_version,
    _NO_JOB: lambda lines, at, name: _with_name(lines, at, name, (one for one, _ in jobs(yaml_values("".join(lines))))),
    _NO_CONTEXT: lambda lines, at, name: _with_name(lines, at, name, CONTEXTS),
    _NO_FUNCTION: lambda lines, at, name: _with_name(lines, at, name, FUNCTIONS),
    _TWICE: _with_own_id,
}


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each workflow file in which the runner misses something that only one text can be."""
    said = told(diagnosis, codebase)
    messages = dict.fromkeys((int(number) - 1, text) for number, text in _SAID.findall(said))
    for path in workflows(codebase):
        if path not in said and len(workflows(codebase)) > 1:
            continue
        lines = split_lines(codebase.text(path))
        done = [_changed(lines, at, text, codebase) for at, text in messages if 0 <= at < len(lines)]
        titles = [one for one in done if one]
        edits = edit(path, codebase.text(path), "".join(lines)) if titles else ()
        if edits:
            yield Proposal(
                strategy="workflow_gap",
                title=f"{', '.join(titles)} in {path}",
                edits=edits,
                confidence=0.86,
                why="the runner can't start the workflow without it, and nothing else fits there.",
            )
