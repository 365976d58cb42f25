"""Refuses a patch after which a file no longer parses: Python, TOML, YAML, JSON or INI."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable

from bot.gates._settings import is_settings, settings
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each file that parsed before, or is new, and does not parse now."""
    for file in change.files:
        if (
            file.after is not None
            and not _parses(file, file.after)
            and (file.before is None or _parses(file, file.before))
        ):
            yield Refusal(file.path, 1, "the file does not parse")


def _parses(file: FileChange, text: str) -> bool:
    if file.is_python:
        return (file.new if text is file.after else file.old) is not None
    if is_settings(file.path):
        return settings(file.path, text) is not None
    try:
        if file.path.endswith(".json"):
            json.loads(text)
        elif file.path.endswith(".toml"):
            tomllib.loads(text)
    except ValueError:
        return False
    return True
