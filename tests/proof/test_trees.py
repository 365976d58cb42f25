"""Patched trees: linked where nothing changed, never outside, never through a link."""

from __future__ import annotations

import pytest

from bot.errors import Refused
from bot.model import FileEdit
from bot.proof.trees import inside, patched


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree" / "pkg").mkdir(parents=True)
    (tmp_path / "tree" / "pkg" / "a.py").write_text("A = 1\n")
    (tmp_path / "tree" / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "tree" / "run.sh").chmod(0o755)
    (tmp_path / "tree" / "out").symlink_to(tmp_path)
    return tmp_path / "tree"


def test_a_tree_holds_the_edits_and_leaves_the_first_alone(tree, tmp_path):
    edits = (
        FileEdit(path="pkg/a.py", text="A = 2\n"),
        FileEdit(path="pkg/new/b.py", text="B = 1\n"),
        FileEdit(path="run.sh", text="#!/bin/sh\necho\n"),
    )
    made = patched(tree, edits, tmp_path / "p0")
    assert (made / "pkg/a.py").read_text() == "A = 2\n"
    assert (tree / "pkg/a.py").read_text() == "A = 1\n"
    assert (made / "pkg/new/b.py").exists()
    assert (made / "run.sh").stat().st_mode & 0o111
    assert (made / "out").is_symlink()
    (made / "mark").touch()
    assert patched(tree, iter(edits), tmp_path / "p0") == made
    assert (made / "mark").exists(), "the same edits: adopted"
    assert patched(tree, edits[1:], tmp_path / "p0") == made
    assert (made / "pkg/a.py").read_text() == "A = 1\n", "other edits: written again"
    assert not (made / "mark").exists()


def test_a_deleted_file_is_gone(tree, tmp_path):
    made = patched(tree, (FileEdit(path="pkg/a.py", text=None),), tmp_path / "p0")
    assert not (made / "pkg/a.py").exists()


@pytest.mark.parametrize("path", ["../a.py", "/etc/a.py", ".git/config", "out/a.py", "pkg/.GIT/x", ""])
def test_nothing_is_written_outside(tree, tmp_path, path):
    with pytest.raises(Refused):
        patched(tree, (FileEdit(path=path, text="x"),), tmp_path / "p0")
    assert not (tmp_path / "a.py").exists()


def test_a_link_is_not_written_through(tree, tmp_path):
    (tree / "pkg" / "link.py").symlink_to("a.py")
    with pytest.raises(Refused, match="symbolic link"):
        patched(tree, (FileEdit(path="pkg/link.py", text="x"),), tmp_path / "p0")
    assert inside("pkg/a.py")
