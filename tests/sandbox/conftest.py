"""The levels of this machine, each a real one; what the kernel refuses is skipped, and says so."""

from __future__ import annotations

import atexit
import importlib.metadata
import shutil
import tempfile
import venv
from functools import cache
from pathlib import Path

import pytest

from bot.adapters.sandbox import candidates
from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_bubblewrap import Bubblewrap
from bot.adapters.sandbox_landlock import Landlock
from bot.adapters.sandbox_probes import explain, probe
from bot.adapters.sandbox_profile import Shape
from bot.adapters.sandbox_trusted import Trusted

LEVELS = ("bubblewrap", "bubblewrap-noproc", "landlock", "trusted")
CONFINED = LEVELS[:3]
_known: dict[str, str] = {}


def _make(level: str) -> BaseSandbox:
    if level == "trusted":
        return Trusted()
    if level == "landlock":
        return Landlock()
    return Bubblewrap(shutil.which("bwrap") or "bwrap", Shape(proc=level == "bubblewrap"))


def sandbox_of(level: str) -> BaseSandbox:
    """Return the sandbox of a level, or skip the test when this machine refuses it."""
    if level not in _known:
        offered = {entry if isinstance(entry, str) else entry.level for entry in candidates()}
        there = level == "trusted" or level in offered
        _known[level] = "" if level == "trusted" else explain(probe(_make(level))) if there else "not offered here"
    if _known[level]:
        pytest.skip(f"LEVEL {level} CAN'T BE TESTED HERE: {_known[level]}")
    return _make(level)


@cache
def small_environment() -> Path:
    """Return an environment with pytest and nothing else, so that it starts fast; removed when Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="pytest-small-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    venv.create(folder, with_pip=False)
    (target,) = folder.glob("lib/python3*/site-packages")
    for distribution in ("pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        found = importlib.metadata.distribution(distribution)
        for name in sorted({file.parts[0] for file in found.files or () if file.parts[0] != ".."}):
            source = Path(str(found.locate_file(name)))
            if source.is_dir():
                shutil.copytree(source, target / name, dirs_exist_ok=True)
            elif source.suffix == ".py":
                shutil.copy2(source, target / name)
    return folder


@pytest.fixture(params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> BaseSandbox:
    """Every level in turn."""
    return sandbox_of(request.param)


@pytest.fixture(params=CONFINED)
def confined(request: pytest.FixtureRequest) -> BaseSandbox:
    """Every level that confines, in turn."""
    return sandbox_of(request.param)


@pytest.fixture
def best() -> BaseSandbox:
    """The strongest level."""
    return sandbox_of("bubblewrap")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree."""
    folder = tmp_path / "tree"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("value = 1\n")
    return folder
