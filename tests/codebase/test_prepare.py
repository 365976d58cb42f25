"""Preparing a repository for real: git, the folders of a store, environments that are already there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.adapters.git import GitSource
from bot.codebase import Codebase, held, prepare, with_good
from bot.codebase.prepare import copied, tree_digest, with_environment
from bot.errors import Misconfigured
from bot.ports import Environment, Store
from tests import make


class Folders:
    """The part of a store that holds folders."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def folder(self, key: str) -> Path:
        return self.state / key


class Given:
    """Environments of which there is one, with what it holds."""

    def __init__(self, **packages: str) -> None:
        self.packages = packages
        self.asked: tuple[str, ...] = ()

    def prepare(self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None) -> Environment:
        self.asked = needs
        return Environment(Path("/env"), f"given for {original}", "3.11.2", self.packages)


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


PYPROJECT = """[project]
name = "x"
[tool.black]
[tool.mypy]
[tool.pyright]
[tool.ruff]
[tool.setuptools_scm]
version_file = "./pkg/_version.py"
[tool.hatch.build.hooks.vcs]
version-file = "nowhere/_version.py"
[tool.pdm.version]
write_to = "../out.py"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    top = tmp_path / "checkout"
    (top / "pkg").mkdir(parents=True)
    (top / "pkg" / "__init__.py").write_text("from pkg._version import version\n")
    (top / "tests").mkdir()
    (top / "tests" / "test_a.py").write_text("def test_a(): pass\n")
    (top / "pyproject.toml").write_text(PYPROJECT)
    (top / ".gitignore").write_text("_version.py\n")
    git(tmp_path, "init", "-q", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-qm", "x")
    (top / "pkg" / "new.py").write_text("x = 1\n")
    return top


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Folders(tmp_path / "state")  # type: ignore[return-value]


def test_a_checkout_is_copied_once_for_its_content(checkout: Path, store: Store) -> None:
    first = prepare(str(checkout / "pkg"), GitSource(), Given(), store, environment=False)
    again = prepare(str(checkout), GitSource(), Given(), store, environment=False)
    assert first == again
    assert first.repository == "checkout"
    assert (first.environment, first.packages) == ("", {})
    assert [check.name for check in first.checks] == ["pytest", "ruff", "black", "mypy", "pyright"]
    codebase = Codebase(first)
    assert "pkg/new.py" in codebase.files
    assert "version_tuple" in codebase.text("pkg/_version.py")
    assert not (Path(first.tree) / "nowhere").exists()
    (checkout / "pkg" / "new.py").write_text("x = 2\n")
    other = prepare(str(checkout), GitSource(), Given(), store, environment=False)
    assert other.tree != first.tree
    assert [path.name for path in (store.folder("trees")).iterdir() if path.name.startswith("incoming")] == []


def test_checks_that_can_not_run_here_are_named(checkout: Path, store: Store) -> None:
    given = Given(black="23.1", pyright="1.1")
    info = prepare(str(checkout), GitSource(), given, store, environment=True)
    assert given.asked == ("pytest", "ruff", "black", "mypy", "pyright")
    assert [check.name for check in info.checks] == ["pytest", "ruff", "black"]
    assert info.environment_how == f"given for {checkout}; not checked, for want of the tool: mypy, pyright"
    assert (info.environment, info.python, info.packages["black"]) == ("/env", "3.11.2", "23.1")


def test_the_good_version_is_a_commit(checkout: Path, store: Store) -> None:
    info = prepare(str(checkout), GitSource(), Given(), store, environment=False)
    good = with_good(info, "HEAD", GitSource(), store)
    assert good.good == "HEAD"
    assert Codebase(good).changed == {"pkg/new.py": (1,)}
    with pytest.raises(Misconfigured, match="there is no commit"):
        with_good(info, "nothing", GitSource(), store)
    assert not list(store.folder("trees").glob("incoming-*"))


def test_a_folder_that_is_no_checkout(tmp_path: Path, store: Store) -> None:
    with pytest.raises(Misconfigured, match="not in a git checkout"):
        prepare(str(tmp_path), GitSource(), Given(), store, environment=False)


def test_the_digest_sees_content_links_and_modes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "d").mkdir()
    seen = {tree_digest(tmp_path)}
    (tmp_path / "a").chmod(0o755)
    seen.add(tree_digest(tmp_path))
    (tmp_path / "l").symlink_to("d")
    seen.add(tree_digest(tmp_path))
    (tmp_path / "b").write_text("x")
    seen.add(tree_digest(tmp_path))
    assert len(seen) == 4
    assert tree_digest(tmp_path) in seen


def test_a_tree_that_can_not_be_put_in_place_is_an_error(checkout: Path, store: Store, tmp_path: Path) -> None:
    info = prepare(str(checkout), GitSource(), Given(), store, environment=False)
    tree = Path(info.tree)
    tree.rename(tree.with_name("aside"))
    tree.write_text("a file where the folder belongs")
    with pytest.raises(OSError, match="Not a directory"):
        prepare(str(checkout), GitSource(), Given(), store, environment=False)


def test_what_the_environment_held_is_known_to_the_next_look(checkout: Path, store: Store) -> None:
    before = prepare(str(checkout), GitSource(), None, store, environment=False)
    assert (before.packages, before.python) == ({}, "")
    prepare(str(checkout), GitSource(), Given(black="24.1"), store, environment=True)
    after = prepare(str(checkout), GitSource(), None, store, environment=False)
    assert (after.packages, after.python, after.environment) == ({"black": "24.1"}, "3.11.2", "")
    (checkout / "requirements.txt").write_text("other\n")
    changed = prepare(str(checkout), GitSource(), None, store, environment=False)
    assert changed.packages == {}
    (store.folder("index") / "stranger").touch()
    lost = after.model_copy(update={"index": str(store.folder("index") / "stranger" / "x.msgpack")})
    held.remember(lost.model_copy(update={"environment": "/env"}))
    assert held.recalled(changed.model_copy(update={"index": lost.index})).packages == {}


def test_a_tool_that_only_a_log_shows_is_a_check_too(checkout: Path, store: Store) -> None:
    told = [make.failure(tool=tool, log="ci.log") for tool in ("isort", "black")] + [make.failure(tool="flake8")]
    given = Given(black="23.1", isort="6.0")
    info = with_environment(copied(str(checkout), GitSource(), store, told), given)
    assert "isort" in given.asked
    assert "flake8" not in given.asked
    assert [check.name for check in info.checks] == ["pytest", "ruff", "black", "isort"]
