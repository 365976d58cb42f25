"""Refuses commands whose failure is no longer seen: `|| true`, `set +e`, `continue-on-error`, `--exit-zero`, ...

Scripts, build files and workflows are read as shell words, not as text; prose is left alone.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.gates._loosening import loose_words
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_PROSE = (
    ".md",
    ".rst",
    ".txt",
    ".py",
    ".pyi",
    ".adoc",
    ".html",
    ".svg",
    ".csv",
    ".json",
    ".lock",
    ".ipynb",
    ".pot",
    ".po",
)
_SUCCESS = frozenset({"true", ":", "echo", "exit", "printf", "/bin/true"})
_KEYS = frozenset(
    {"continue-on-error", "allow_failure", "ignore_outcome", "ignore_errors", "continueonerror", "fail_ci_if_error"}
)
_TOOLS = frozenset(
    {"pytest", "py.test", "mypy", "ruff", "flake8", "pylint", "coverage", "black", "isort", "pyright", "tox", "nox"}
)
_SCRIPTS = frozenset(
    {"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Dockerfile", "Jenkinsfile", "tox.ini"}
)


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new way to hide a failure."""
    for file in change.files:
        if file.after is not None and not file.path.endswith(_PROSE):
            yield from _judge(file)


def _judge(file: FileChange) -> Iterator[Refusal]:
    dropped = [words(text) for _, text in file.removed]
    known = Counter(hidden for each in dropped if (hidden := hides(each)))
    for line, text in file.added:
        found = words(text)
        how = hides(found) or _makefile(file, text)
        if how:
            known[how] -= 1
            if known[how] < 0:
                yield Refusal(file.path, line, f"{how}: `{text.strip()[:120]}`")
        elif _TOOLS & {PurePosixPath(word).name for word in found}:
            yield from _tool(file, line, found, dropped)


def words(text: str) -> list[str]:
    """Return a line of a script as shell words, operators apart; a line that is none is split at its spaces."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;()")
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return text.split()


def hides(found: list[str]) -> str:
    """Return how a line of shell words or a key of a workflow hides a failure, '' when it does not."""
    for word, following in zip(found, [*found[1:], ""], strict=False):
        if word in {"||", ";"} and following in _SUCCESS and not (word == ";" and following in {"echo", "printf"}):
            return f"`{word} {following}` hides a failure"
        if word == "set" and following == "+e":
            return "`set +e` hides failures"
        if word == "exit" and following in {"0", ""} and found[0] == "exit":
            return "`exit 0` hides failures"
    key, _, value = " ".join(found).partition(":")
    if "=" in key and ":" not in " ".join(found):
        key, _, value = " ".join(found).partition("=")
    name = key.strip().strip("-\"' ").lower()
    lax = value.strip().lower() in {"true", "yes", "on"}
    if name in _KEYS - {"fail_ci_if_error"} and lax:
        return f"`{name}` hides failures"
    return "`fail_ci_if_error` hides failures" if name == "fail_ci_if_error" and not lax else ""


def _makefile(file: FileChange, text: str) -> str:
    recipe = file.name.lower().endswith(("makefile", ".mk")) and text.startswith("\t")
    if recipe and text.lstrip("\t @+").startswith("-"):
        return "a leading `-` hides a failure"
    return "`.IGNORE` hides failures" if text.startswith(".IGNORE") else ""


def _tool(file: FileChange, line: int, found: list[str], dropped: list[list[str]]) -> Iterator[Refusal]:
    """Yield a call of a checking tool that demands less than the call it replaces."""
    same = [each for each in dropped if _TOOLS & {PurePosixPath(word).name for word in each} & set(found)]
    before = max(same, key=lambda each: len(set(each) & set(found)), default=[])
    how = loose_words([each for each in found if each not in before], [each for each in before if each not in found])
    if how and (before or not how.startswith(("adds -m", "adds -k"))):
        yield Refusal(file.path, line, f"the command {how}: `{' '.join(found)[:120]}`")
