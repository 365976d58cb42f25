"""Findings in the output of any line-based tool: each line that names a file of the tree, without its numbers.

Line numbers move with every edit, so two outputs are compared by file and text. Tools that spread a finding over
several lines are asked for one line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable

import re2

from bot.model import Check, Failure

Finding = tuple[str, str]
ONE_LINE = {
    "ruff": ("check", "--output-format=concise"),
    "mypy": ("", "--no-pretty"),
    "flake8": ("", "--format=default"),
}
"""Tool -> the word that its command must hold, and the option that makes it print one line a finding."""
_PATH = re2.compile(r"[\w@+\-./\\]+\.(?:pyi?|ipynb|toml|cfg|ini|md|rst|txt|ya?ml|json)")
_NUMBERS = re2.compile(r"\b\d+\b")
_COLOURS = re2.compile(r"\x1b\[[0-9;]*m")
_BREAKS = str.maketrans(":[]()", "     ")
_NOTES = (": note:", " - information:")


def one_line_each(check: Check) -> Check:
    """Return the check with the option that makes its tool print one line a finding, where there is one."""
    word, option = ONE_LINE.get(check.tool, ("", ""))
    if not option or (word and word not in check.argv) or check.kind == "format":
        return check
    known = {part.partition("=")[0] for part in check.argv}
    return check if option.partition("=")[0] in known else check.model_copy(update={"argv": (*check.argv, option)})


def findings_in(output: bytes, files: Container[str]) -> Counter[Finding]:
    """Return the findings in an output as (file, text), with how often each occurs."""
    found: Counter[Finding] = Counter()
    for line in output.decode("utf-8", "replace").splitlines():
        plain = str(_COLOURS.sub("", line)).strip()
        path = next((known for token in _PATH.findall(plain) if (known := _known(token, files))), "")
        if path and not any(note in plain for note in _NOTES):
            found[(path, masked(plain))] += 1
    return found


def _known(token: str, files: Container[str]) -> str:
    """Return the file of the tree that a printed path means, '' when it means none."""
    parts = [part for part in token.replace("\\", "/").split("/") if part != "."]
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail in files), "")


def masked(text: str) -> str:
    """Return a text without the numbers that stand alone; those of a rule (`F401`) stay."""
    return str(_NUMBERS.sub("N", text))


def of_cause(finding: Finding, failures: Iterable[Failure]) -> bool:
    """Return whether a finding is of a cause: by rule where the cause is all of a rule, else by file and text."""
    path, text = finding
    for failure in failures:
        places = {place.partition(":")[0] for place in failure.detail("places").split()}
        if places and failure.code:
            if failure.code in text.translate(_BREAKS).split():
                return True
        elif path in places or (path == (failure.file or path) and masked(failure.message) in text):
            return True
    return False
