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


_PROJECT = frozenset(
    "name version description readme requires-python license license-files authors maintainers keywords classifiers"
    " urls scripts gui-scripts entry-points dependencies optional-dependencies dynamic import-names"
    " import-namespaces".split()
)
_DYNAMIC = re2.compile(r"(description|version) must be specified under \[project\] or listed as a dynamic field")
_TABLE = re2.compile(r"^\s*\[([^\]]+)\]\s*(?:#.*)?$")
_KEY = re2.compile(r"^([\w-]+)\s*=")
_PERSON = re2.compile(r"^(\s*)(?:authors|maintainers)(\s*=\s*)(\"[^\"]*\")(.*)$")


def _strangers(text: str) -> set[str]:
    """Return the keys of the table `[project]` that the specification does not have."""
    table, found = "", set[str]()
    for line in text.split("\n"):
        head, key = _TABLE.search(line), _KEY.search(line)
        table = head.group(1).strip() if head else table
        if key and table == "project" and key.group(1) not in _PROJECT:
            found.add(key.group(1))
    return found


def _as_people(line: str) -> str:
    """Return a line whose plain text for a list of people is such a list."""
    found = _PERSON.search(line.rstrip("\r\n"))
    if not found:
        return line
    indent, equals, name, rest = found.groups()
    key = line.strip().partition("=")[0].strip()
    return f"{indent}{key}{equals}[{{name = {name}}}]{rest}{line[len(line.rstrip()) :]}"


def _names(said: str, text: str) -> tuple[str, ...]:
    """Return the keys that a backend refuses, read from the file where it only names the table."""
    told_keys = [next(group for group in groups if group) for groups in _UNEXPECTED.findall(said)]
    invalid = "invalid pyproject.toml config: `project`" in said or "extra keys present" in said.lower()
    return tuple(dict.fromkeys([*told_keys, *(sorted(_strangers(text)) if invalid else ())]))


def _left_to_the_backend(said: str, text: str) -> Iterable[Proposal]:
    """Yield the proposal to list as dynamic what a backend reads from the code and the metadata do not say."""
    lines = split_lines(text)
    at = next((n for n, line in enumerate(lines) if line.startswith("name") and "[project]" in "".join(lines[:n])), -1)
    for field in dict.fromkeys(_DYNAMIC.findall(said)):
        if at < 0 or any(line.startswith("dynamic") for line in lines):
            return
        made = "".join([*lines[: at + 1], f'dynamic = ["{field}"]\n', *lines[at + 1 :]])
        yield Proposal(
            strategy="project_key",
            title=f"List {field} as dynamic in pyproject.toml",
            edits=edit("pyproject.toml", text, made),
            confidence=0.85,
            why=f"the backend reads the {field} from the code, where the metadata say so.",
        )


@strategy(causes=("packaging",), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each key that the backend refuses and that is one slip away from a real one."""
    text = codebase.files.get("pyproject.toml", "")
    yield from _left_to_the_backend(told(diagnosis, codebase), text)
    for key in _names(told(diagnosis, codebase), text):
        near = nearest(key, _KEYS)
        pattern = re2.compile(rf"^(\s*\[(?:\w+\.)*)?{re2.escape(key)}(\]|\.|\s*=)")
        lines = split_lines(text)
        hits = [at for at, line in enumerate(lines) if pattern.search(line)]
        if near and len(hits) == 1:
            lines[hits[0]] = _as_people(lines[hits[0]].replace(key, near[0], 1))
            yield Proposal(
                strategy="project_key",
                title=f"Correct {key} to {near[0]} in pyproject.toml",
                edits=edit("pyproject.toml", text, "".join(lines)),
                confidence=near[1],
                why=f"the specification knows no `{key}`; `{near[0]}` is the only key that near.",
            )
