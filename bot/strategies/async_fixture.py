"""Let pytest-asyncio own asynchronous fixtures that plain pytest can't run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit, with_imports
from bot.strategies._text import edit, replace
from bot.strategies._workflows import told

_SAID = re2.compile(
    r"requested an async fixture|async_generator' object has no attribute|'coroutine' object has no attribute"
    r"|'coroutine' object is not subscriptable|coroutine '\w+' was never awaited"
)


def _changed(unit: Unit) -> bool:
    targets: list[ast.expr] = []
    for node in ast.walk(unit.tree):
        for decorator in node.decorator_list if isinstance(node, ast.AsyncFunctionDef) else ():
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            if unit.origin(name) == "pytest.fixture":
                targets.append(name)
    if targets:
        unit.become(replace(unit.text, [(node, "pytest_asyncio.fixture") for node in targets]))
        with_imports(unit, ["import pytest_asyncio"])
    return bool(targets)


@strategy(causes=("test-failure", "error", "removed-api"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all asynchronous fixtures, when the plugin is declared or installed."""
    has_plugin = "pytest-asyncio" in codebase.packages or codebase.metadata.declared("pytest-asyncio")
    if not has_plugin or not _SAID.search(told(diagnosis, codebase)):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        text = codebase.text(path)
        if "async def" in text and "fixture" in text and codebase.tree(path) is not None:
            unit = Unit(text)
            if _changed(unit):
                edits += edit(path, text, unit.text)
    if edits:
        yield Proposal(
            strategy="async_fixture",
            title="Mark asynchronous fixtures for pytest-asyncio",
            edits=tuple(edits),
            confidence=0.88,
            why="in strict mode pytest-asyncio runs only fixtures made with `pytest_asyncio.fixture`.",
        )
