"""Raise actions of a workflow to a version that runs: dead majors, versions that don't exist, misspelt names.

Actions that must rise together (upload and download of artifacts) do; pins by commit are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._workflows import USES, each_line, known, told

_ACTION = r"[`'\"]?([\w.-]+/[\w./-]+)"
_DEPRECATED = re2.compile(rf"deprecated version of {_ACTION}: ?(v?[\w.]+)")
_NO_VERSION = re2.compile(rf"Unable to resolve action {_ACTION}@([\w./-]+)[`'\"]?, unable to find version")
_NO_REPOSITORY = re2.compile(rf"Unable to resolve action {_ACTION}(?:@[\w./-]+)?[`'\"]?, repository not found")


def _raised(said: str) -> dict[tuple[str, str], str]:
    """Return the new reference by (action, version) for the dead versions that the log names, and their companions."""
    latest, dead, together = known()["latest"], known()["dead"], known()["together"]
    raised: dict[tuple[str, str], str] = {}
    for action, version in _DEPRECATED.findall(said):
        for one in (action, *together.get(action, ())):
            versions = {*dead.get(one, ()), *({version} if one == action else ())}
            raised |= {(one, old): latest[one] for old in versions if one in latest}
    for action, version in _NO_VERSION.findall(said):
        if action in latest and not _is_commit(version):
            raised[action, version] = latest[action]
    return raised


def _is_commit(version: str) -> bool:
    return len(version) == 40 and all(c in "0123456789abcdef" for c in version)


def _names(said: str) -> dict[str, str]:
    """Return the real name of each action whose repository was not found and is one slip away."""
    found: dict[str, str] = {}
    for action in _NO_REPOSITORY.findall(said):
        near = nearest(action, known()["latest"])
        if near:
            found[action] = near[0]
    return found


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the actions that the log complains about."""
    said = told(diagnosis, codebase)
    raised, names = _raised(said), _names(said)
    done: list[str] = []

    def change(line: str) -> str:
        found = USES.search(line)
        if not found:
            return line
        head, action, version, tail = found.groups()
        major = version.partition(".")[0]
        new = raised.get((action, version)) or raised.get((action, major))
        name = names.get(action, action)
        if not new and name == action:
            return line
        done.append(f"{name}@{new or version}")
        return f"{head}{name}@{new or version}{tail}"

    edits = each_line(codebase, change) if raised or names else ()
    if edits:
        yield Proposal(
            strategy="workflow_action",
            title=f"Use {', '.join(dict.fromkeys(done))}",
            edits=edits,
            confidence=0.88,
            why="the runner refuses the version or name that the workflow asks for; this one is known to run.",
        )
