"""A small project on disk and a session with the real worker in the best sandbox there is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.adapters.sandbox import pick
from bot.codebase import Codebase
from bot.model import Check, CodebaseInfo
from bot.ports import Sandbox
from bot.search import Bounds, Tests, evaluator
from bot.search.evaluator import BoxEvaluate

Open = Callable[..., AbstractContextManager[BoxEvaluate]]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return pick(trust=True)


@pytest.fixture
def project(tmp_path: Path) -> Callable[[dict[str, str]], Codebase]:
    """Return a function that writes files and gives the codebase they are."""

    def make(files: dict[str, str]) -> Codebase:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        info = CodebaseInfo(
            repository="o/n", checkout=str(tmp_path), tree=str(tmp_path), digest="", environment=sys.prefix
        )
        return Codebase(info)

    return make


@pytest.fixture
def opened(sandbox: Sandbox) -> Open:
    """Return a function that starts the worker for a codebase and its tests."""

    def start(
        codebase: Codebase,
        failing: tuple[str, ...],
        passing: tuple[str, ...] = (),
        runner: str = "pytest",
        observe: float = 10,
    ) -> object:
        argv = ("python", "-m", "pytest") if runner == "pytest" else ("python", "-m", "unittest", "discover")
        env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what else is installed beside the bot takes seconds to load
        check = Check(name=runner, kind="test", tool=runner, argv=argv, runner=runner, env=env)  # type: ignore[arg-type]
        return evaluator(sandbox, codebase, check, Tests(failing, passing), Bounds(patience=3, observe=observe))

    return start  # type: ignore[return-value]
