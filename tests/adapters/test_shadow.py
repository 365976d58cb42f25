"""A shadow is a checkout of its own: the same history, the tree as found, and nothing written to the original."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.adapters.git import GitSource
from tests.e2e import repos


def test_a_shadow_has_the_history_and_the_tree_as_found(tmp_path: Path) -> None:
    checkout = repos.make(tmp_path / "a", {"x.py": "1\n", ".gitignore": "*.log\n", "kept.log": "tracked\n"})
    (checkout / "x.py").write_text("2\n")
    (checkout / "new.py").write_text("3\n")
    (checkout / "some.log").write_text("ignored\n")
    source = GitSource()
    source.shadow(checkout, tmp_path / "b")
    assert source.ancestors(tmp_path / "b", 3) == source.ancestors(checkout, 3)
    assert source.at(tmp_path / "b", "HEAD")["x.py"] == "1\n"
    found = {path.name for path in (tmp_path / "b").iterdir()} - {".git"}
    assert found == {"x.py", "new.py", ".gitignore"}
    assert (tmp_path / "b" / "x.py").read_text() == "2\n"


def test_a_shadow_of_a_repository_without_commits_is_empty_of_history(tmp_path: Path) -> None:
    checkout = tmp_path / "a"
    checkout.mkdir()
    (checkout / "x.py").write_text("1\n")
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    GitSource().shadow(checkout, tmp_path / "b")
    assert GitSource().head(tmp_path / "b") == ""
    assert (tmp_path / "b" / "x.py").read_text() == "1\n"
