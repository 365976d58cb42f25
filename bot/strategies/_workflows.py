"""The workflow files of a repository, and what is known of the actions and runners they use."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit
from bot.strategies._sites import sites
from bot.strategies._text import edit

USES = re2.compile(r"^(\s*(?:-\s+)?uses:\s*['\"]?)([\w.-]+/[\w./-]+)@([\w./-]+)(.*)$")
_FOLDERS = (".github/workflows/", ".github/actions/")


@cache
def known() -> dict[str, Any]:
    """Return the tables of what is known about actions, runners, tools and packages, by name."""
    return tomllib.loads((Path(__file__).parent / "data" / "actions.toml").read_text("utf-8"))


def workflows(codebase: Codebase) -> tuple[str, ...]:
    """Return the paths of workflow files and composite actions."""
    ours = (path for path in codebase.files if path.startswith(_FOLDERS) or path in {"action.yml", "action.yaml"})
    return tuple(sorted(path for path in ours if path.endswith((".yml", ".yaml"))))


def told(diagnosis: Diagnosis, codebase: Codebase) -> str:
    """Return all that the failures say, one message a line."""
    lines = [site.message for site in sites(diagnosis, codebase)]
    lines += [failure.root_line for failure in diagnosis.failures] + [diagnosis.details.get("root_line", "")]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def each_line(codebase: Codebase, change: Callable[[str], str]) -> tuple[FileEdit, ...]:
    """Return the edits that `change` makes to the lines of all workflow files; line ends are kept."""
    edits: list[FileEdit] = []
    for path in workflows(codebase):
        text = codebase.text(path)
        lines = split_lines(text)
        new = [change(line.rstrip("\r\n")) + line[len(line.rstrip("\r\n")) :] for line in lines]
        edits += edit(path, text, "".join(new))
    return tuple(edits)
