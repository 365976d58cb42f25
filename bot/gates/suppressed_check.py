"""Refuses a new comment or decorator that tells a tool to look away: noqa, type: ignore, no cover, fmt: off, ...

Comments are read by the tokenizer; a text in a string is none, and a line brought back as the last good version of
the file had it is not new. Silenced warnings and `no_type_check` count too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

import re2

from bot.gates._scopes import dotted
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_LOOK_AWAY = re2.compile(
    r"(?i)#\s*(?:.*#\s*)?("
    r"noqa|nosec|noinspection|type:\s*ignore|pyright:\s*(?:ignore|basic)|pyre-(?:ignore|fixme|unsafe)|pytype:\s*(?:disable|skip)|mypy:|"
    r"ty:\s*ignore|pragma:\s*no\s*(?:cover|branch|mutate)|pylint:\s*(?:disable|skip-file)|ruff:\s*(?:noqa|ignore)|flake8:\s*noqa|"
    r"fmt:\s*(?:off|skip)|yapf:\s*disable|isort:\s*(?:skip|off)|nopep8|nocover|nopycln|"
    r"nosemgrep|nosonar|skipcq|pyrefly:\s*ignore|autopep8:\s*off|coverage:\s*ignore|bandit:|sourcery\s+skip|noqa:|lgtm|pydocstyle:|codespell:ignore|doctest:\s*\+"
    r")"
)
_ELSEWHERE = re2.compile(
    r"(?i)(?:<!--\s*(?:markdownlint-disable|vale\s+off)|#\s*(?:yamllint|shellcheck|hadolint|checkov|trivy)[:\s]\s*(?:disable|ignore)|"
    r"#\s*zizmor:\s*ignore|//\s*(?:eslint-disable|@ts-ignore|nolint))"
)
_SKIPPED_EXAMPLE = re2.compile(r"(?i)#\s*doctest:\s*\+\s*SKIP")
_DECORATORS = frozenset({"no_type_check", "no_type_check_decorator", "typeguard_ignore", "filterwarnings"})
_SILENCING = frozenset({"simplefilter", "filterwarnings", "disable_warnings"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new suppression."""
    for file in change.files:
        if file.is_python:
            back = frozenset(file.good.splitlines())
            for comment in file.new_comments:
                if _LOOK_AWAY.search(comment.text) and _line_of(file, comment.line) not in back:
                    yield Refusal(file.path, comment.line, f"new suppression `{comment.text.strip()}`")
            yield from _decorated(file)
        else:
            found = (
                Refusal(file.path, line, "new suppression") for line, text in file.added if _ELSEWHERE.search(text)
            )
            yield from found
        yield from _examples(file)


def _line_of(file: FileChange, number: int) -> str:
    return (file.after or "").splitlines()[number - 1]


def _silenced(tree: ast.AST | None) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for each in node.decorator_list:
                if dotted(each).rpartition(".")[2] in _DECORATORS:
                    yield each, f"`@{ast.unparse(each)}`"
        elif isinstance(node, ast.Call) and _is_silencing(node):
            yield node, f"`{ast.unparse(node)}`"


def _is_silencing(node: ast.Call) -> bool:
    if dotted(node).rpartition(".")[2] not in _SILENCING:
        return False
    first = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "action"), None)
    return first is None or (isinstance(first, ast.Constant) and first.value == "ignore")


def _decorated(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(node) for node, _ in _silenced(file.old_part))
    for node, seen in _silenced(file.new_part):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, f"{seen} silences a check")


def _examples(file: FileChange) -> Iterator[Refusal]:
    for line, text in file.added:
        if ">>>" in text and _SKIPPED_EXAMPLE.search(text):
            yield Refusal(file.path, line, "an example is skipped")
