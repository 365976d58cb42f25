"""Shell commands in scripts, build files, workflows and configuration, read as words."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import PurePosixPath

TOOLS = frozenset(
    {"pytest", "py.test", "mypy", "ruff", "flake8", "pylint", "coverage", "black", "isort", "pyright", "tox", "nox"}
    | {"unittest", "bandit", "pydocstyle", "interrogate", "ty", "pre-commit", "sphinx-build", "mkdocs", "pip-audit"}
)
"""Commands that check a project."""
_SUCCESS = frozenset({"true", ":", "echo", "exit", "printf", "/bin/true"})
_KEYS = frozenset({"continue-on-error", "allow_failure", "ignore_outcome", "ignore_errors", "continueonerror"})
_PRINTING = frozenset({"echo", "printf"})


def words(text: str) -> list[str]:
    """Return a line as shell words, operators apart; a quoted command counts by its own words."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;()")
    lexer.whitespace_split = True
    try:
        found = list(lexer)
    except ValueError:
        found = text.split()
    return [word for each in found for word in (words(each) if " " in each and each != text else [each])]


def tools(found: Iterable[str]) -> frozenset[str]:
    """Return the checking tools among shell words."""
    return TOOLS & {PurePosixPath(word.strip("\"',[]")).name for word in found}


def hides(found: list[str]) -> str:
    """Return how shell words, or a key with its value, hide a failure; '' when they do not."""
    pairs = list(zip(found, [*found[1:], ""], strict=False))
    how = next((told for pair in pairs if (told := _operator(*pair, found))), "")
    return how or next((told for pair in pairs if (told := _command(*pair, found))), "") or _key(" ".join(found))


def _operator(word: str, following: str, found: list[str]) -> str:
    plain = following.rstrip("\"',]})")
    if word == "||" and plain in _SUCCESS:
        return f"`|| {plain}` hides a failure"
    if word == ";" and plain in _SUCCESS - _PRINTING:
        return f"`; {following}` hides a failure"
    if word == "|" and following in {"tee", "cat", "head", "tail", "grep"} and tools(found):
        return f"`| {following}` hides the exit code of the check"
    return ""


def _command(word: str, following: str, found: list[str]) -> str:
    if word == "set" and following.startswith("+") and "e" in following:
        return "`set +e` hides failures"
    if word == "exit" and following in {"0", ""} and found[0] == "exit":
        return "`exit 0` hides failures"
    if word.startswith(("PYTEST_ADDOPTS=", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=")):
        return f"`{word}` changes how all tests run"
    return ""


def _key(text: str) -> str:
    name, sign, value = text.partition(":" if ":" in text else "=")
    key, lax = name.strip().strip("-\"' ").lower(), value.strip().lower() in {"true", "yes", "on"}
    if sign and key in _KEYS and lax:
        return f"`{key}` hides failures"
    return f"`{key}` hides failures" if key == "fail_ci_if_error" and not lax else ""
