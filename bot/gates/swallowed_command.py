"""Refuses commands whose failure is no longer seen: `|| true`, `set +e`, `continue-on-error`, a check that is gone, ...

Scripts, build files and workflows are read as shell words, not as text, and so are the texts in a Python file that
hold a command; prose is left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._loosening import loose_words
from bot.gates._shell import hides, tools, words
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_PROSE = (".md", ".rst", ".txt", ".pyi", ".adoc", ".html", ".svg", ".csv", ".lock", ".ipynb", ".pot", ".po")
_SCRIPTS = ("akefile", ".mk", ".sh", ".bash", "ustfile", "ockerfile", "tox.ini", ".yml", ".yaml", "enkinsfile")


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new way to hide a failure, and for each check that is no longer called."""
    for file in change.files:
        if file.is_python:
            yield from _python(file)
        elif file.after is not None and not file.path.endswith(_PROSE):
            yield from _judge(file)


def _judge(file: FileChange) -> Iterator[Refusal]:
    dropped = [words(text) for _, text in file.removed]
    known = Counter(how for each in dropped if (how := hides(each)))
    for line, text in file.added:
        found = words(text)
        how = hides(found) or _ignored(file, text)
        if how:
            known[how] -= 1
            if known[how] < 0:
                yield Refusal(file.path, line, f"{how}: `{text.strip()[:120]}`")
        elif tools(found):
            yield from _loosened(file, line, found, dropped)
    if file.path.endswith(_SCRIPTS):
        yield from _gone(file)


def _ignored(file: FileChange, text: str) -> str:
    """Return how make or tox are told to ignore a failure of a line, '' when they are not."""
    recipe = file.name.lower().endswith(("makefile", ".mk")) and text.startswith("\t")
    if recipe and text.lstrip("\t @+").startswith("-"):
        return "a leading `-` hides a failure"
    plain = text.strip().removeprefix("commands").lstrip(" =")
    if file.name == "tox.ini" and plain.startswith("- "):
        return "a leading `-` hides a failure"
    return "`.IGNORE` hides failures" if text.startswith(".IGNORE") else ""


def _loosened(file: FileChange, line: int, found: list[str], dropped: list[list[str]]) -> Iterator[Refusal]:
    """Yield a call of a checking tool that demands less than the call it replaces."""
    same = [each for each in dropped if tools(each) & tools(found)]
    before = max(same, key=lambda each: len(set(each) & set(found)), default=[])
    how = loose_words([each for each in found if each not in before], [each for each in before if each not in found])
    if how and (before or not how.startswith(("adds -m", "adds -k"))):
        yield Refusal(file.path, line, f"the command {how}: `{' '.join(found)[:120]}`")


def _gone(file: FileChange) -> Iterator[Refusal]:
    """Yield checks that a script called and no longer calls, and `set -e` where it is taken out."""
    left = _calls(text for _, text in file.removed) - _calls(text for _, text in file.added)
    for line, text in file.removed:
        found = words(text)
        strict = found[:1] == ["set"] and any(each.startswith("-") and "e" in each for each in found[1:])
        if strict and not any("set -" in text for _, text in file.added):
            yield Refusal(file.path, line, f"failures are no longer seen without `{text.strip()}`")
        for tool in sorted(tools(found)):
            if left[tool] > 0:
                left[tool] -= 1
                yield Refusal(file.path, line, f"the check is no longer run: `{text.strip()[:120]}`")


def _calls(lines: Iterable[str]) -> Counter[str]:
    return Counter(tool for text in lines if not text.lstrip().startswith("#") for tool in tools(words(text)))


def _python(file: FileChange) -> Iterator[Refusal]:
    """Yield commands in texts and argument lists of Python code, such as a noxfile's or a release script's."""
    known = Counter(text for _, text in _commands(file.old))
    for line, text in _commands(file.new):
        known[text] -= 1
        how = hides(words(text)) if known[text] < 0 and (" || " in text or "set +e" in text) else ""
        if how:
            yield Refusal(file.path, line, f"{how}: `{text.strip()[:120]}`")
    if file.name in {"noxfile.py", "tasks.py", "dodo.py", "fabfile.py"}:
        yield from _sessions(file)


def _commands(tree: ast.Module | None) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _sessions(file: FileChange) -> Iterator[Refusal]:
    old, new = _runs(file.old), _runs(file.new)
    for tool, (found, _) in old.items():
        now, line = new.get(tool, ([], 1))
        loose = loose_words([each for each in now if each not in found], [each for each in found if each not in now])
        codes = "success_codes" in now and "success_codes" not in found
        if not now or loose or codes:
            yield Refusal(file.path, line, f"the command of {tool} {loose or 'is no longer run as it was'}")


def _runs(tree: ast.Module | None) -> dict[str, tuple[list[str], int]]:
    """Return the checking tools that calls run, each with all its words and keyword names, and its line."""
    found: dict[str, tuple[list[str], int]] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            called = [word for text in texts for word in words(text)]
            for tool in tools(called):
                found[tool] = ([*called, *(each.arg or "" for each in node.keywords)], node.lineno)
    return found
