"""Write workflow commands that GitHub switched off as lines in environment files.

`echo "::set-output name=a::b"` becomes `echo "a=b" >> "$GITHUB_OUTPUT"`; `save-state`, `set-env` and `add-path` do
likewise.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import each_line, told

_NAMED = re2.compile(r"""echo (["']?)::(set-output|save-state|set-env) name=([^:"']+)::(.*?)(["']?)$""")
_PATH = re2.compile(r"""echo (["']?)::add-path::(.*?)(["']?)$""")
_FILES = {"set-output": "GITHUB_OUTPUT", "save-state": "GITHUB_STATE", "set-env": "GITHUB_ENV"}


def _rewritten(line: str) -> str:
    found = _NAMED.search(line)
    if found:
        opening, command, name, value, closing = found.groups()
        if opening != closing or any(mark in value for mark in (";", "&&", "||", " | ")):
            return line
        quote = opening or '"'
        return f'{line[: found.start()]}echo {quote}{name}={value}{quote} >> "${_FILES[command]}"'
    found = _PATH.search(line)
    if found and found.group(1) == found.group(3):
        quote = found.group(1) or '"'
        return f'{line[: found.start()]}echo {quote}{found.group(2)}{quote} >> "$GITHUB_PATH"'
    return line


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all such commands when the log complains about one."""
    said = told(diagnosis, codebase)
    if not any(command in said for command in (*_FILES, "add-path")):
        return
    edits = each_line(codebase, _rewritten)
    if edits:
        yield Proposal(
            strategy="workflow_command",
            title="Write outputs to environment files",
            edits=edits,
            confidence=0.9,
            why="these workflow commands are switched off; environment files replaced them.",
        )
