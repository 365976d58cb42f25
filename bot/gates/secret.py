"""Refuses secrets in the diff: keys, tokens and passwords, by the patterns that redact logs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import re2

from bot.proof.change import Change, Refusal
from bot.redact import KINDS
from bot.registry import gate

_BY_NAME = ("header", "variable")
"""Kinds told by the name before a value: in code the value is mostly an expression, so those are judged as such."""
_NAME = re2.compile(r"(?i)(?:token|secret|passw(?:or)?d|api_?key|access_?key|private_?key|credentials?)$")
_PLACEHOLDER = re2.compile(
    r"(?i)^(?:[A-Z][A-Z0-9_]*|.*(?:example|change.?me|placeholder|your|dummy|fake|test|xxx|<|\{|\$|\s|/).*)$"
)


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each added line that holds a secret; the refusal does not repeat it."""
    for file in change.files:
        known = {text.strip() for _, text in file.removed}
        named = set(_named(file.new_part))
        for line, text in file.added:
            if text.strip() not in known and (line in named or _pattern().search(text)):
                yield Refusal(file.path, line, "the line holds what looks like a secret")


@cache
def _pattern() -> Any:
    return re2.compile("|".join(f"(?:{pattern})" for kind, pattern in KINDS.items() if kind not in _BY_NAME))


def _named(tree: ast.Module | None) -> Iterator[int]:
    """Yield the lines that give a literal text to a name such as `api_key`, placeholders left out."""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign):
            names = [each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in node.targets]
        elif isinstance(node, ast.keyword):
            names = [node.arg or ""]
        else:
            continue
        if any(_NAME.search(name) for name in names) and _is_value(node.value):
            yield node.value.lineno


def _is_value(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, str) and len(value) >= 8 and not _PLACEHOLDER.search(value)
