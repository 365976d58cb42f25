"""Against the real git: what is read is right, and the checkout is never written."""

import os
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git import GitSource
from bot.errors import Misconfigured, Transient


def git(folder: Path, *arguments: str) -> str:
    who = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "protocol.file.allow=always",
    ]
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    top = tmp_path / "repo"
    (top / "pkg").mkdir(parents=True)
    (top / "pkg" / "a.py").write_bytes(b"x = 1\r\n")
    (top / "run.sh").write_text("#!/bin/sh\n")
    (top / "run.sh").chmod(0o755)
    (top / "data.bin").write_bytes(b"\0\1\2")
    (top / "späce é.txt").write_text("ü")
    (top / ".gitignore").write_text("ignored/\n*.log\n")
    (top / "inside").symlink_to("pkg/a.py")
    (top / "outside").symlink_to("/etc/passwd")
    git(tmp_path, "init", "-q", "-b", "main", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-qm", "first")
    return top


def snapshot(folder: Path) -> dict[str, tuple[float, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_the_working_tree_is_copied_as_found(repo: Path, tmp_path: Path) -> None:
    (repo / "pkg" / "a.py").write_text("x = 2\n")
    (repo / "new.py").write_text("y")
    (repo / "ignored").mkdir()
    (repo / "ignored" / "z").write_text("z")
    (repo / "noise.log").write_text("z")
    (repo / "data.bin").unlink()
    os.mkfifo(repo / "pipe")
    (repo / "loop").symlink_to("loop")
    os.utime(repo / "run.sh")
    before = snapshot(repo)
    target = tmp_path / "copy"
    target.mkdir()
    GitSource().copy(repo, target)
    assert snapshot(repo) == before
    found = {str(path.relative_to(target)) for path in target.rglob("*") if not path.is_dir()}
    assert found == {".gitignore", "inside", "loop", "new.py", "pkg/a.py", "run.sh", "späce é.txt"}
    assert (target / "pkg" / "a.py").read_text() == "x = 2\n"
    assert os.access(target / "run.sh", os.X_OK)
    assert os.readlink(target / "inside") == "pkg/a.py"


def test_a_folder_of_a_checkout_has_a_top(repo: Path, tmp_path: Path) -> None:
    source = GitSource()
    assert source.top(repo / "pkg") == repo
    assert source.top(repo / "pkg" / "a.py") == repo
    for path in (tmp_path, tmp_path / "absent", repo / ".git"):
        with pytest.raises(Misconfigured, match=str(path)) as error:
            source.top(path)
        assert error.value.hint


def test_commits_are_read_whole(repo: Path, tmp_path: Path) -> None:
    source = GitSource()
    first = source.head(repo)
    (repo / "pkg" / "a.py").write_text("x = 2\n")
    git(repo, "commit", "-qam", "second")
    assert source.ancestors(repo, 5) == (source.head(repo), first)
    assert source.ancestors(repo, 1) == (source.head(repo),)
    old = source.at(repo, first)
    assert old["pkg/a.py"] == "x = 1\r\n"
    assert set(old) == {".gitignore", "pkg/a.py", "run.sh", "späce é.txt"}
    target = tmp_path / "old"
    target.mkdir()
    source.extract(repo, "HEAD~1", target)
    assert (target / "pkg" / "a.py").read_bytes() == b"x = 1\r\n"
    assert (target / "data.bin").read_bytes() == b"\0\1\2"
    assert os.access(target / "run.sh", os.X_OK)
    assert os.readlink(target / "inside") == "pkg/a.py"
    assert not (target / "outside").is_symlink()


@pytest.mark.parametrize("ref", ["nothing", "--output=x", "HEAD~9", ""])
def test_an_unknown_ref_is_told(repo: Path, ref: str) -> None:
    with pytest.raises(Misconfigured, match="there is no commit"):
        GitSource().at(repo, ref)


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", str(tmp_path / "r"))
    source = GitSource()
    assert source.head(tmp_path / "r") == ""
    assert source.ancestors(tmp_path / "r", 3) == ()
    (tmp_path / "r" / "a.py").write_text("x")
    (tmp_path / "copy").mkdir()
    source.copy(tmp_path / "r", tmp_path / "copy")
    assert (tmp_path / "copy" / "a.py").read_text() == "x"


def test_submodules_and_nested_repositories_are_copied_as_they_stand(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", str(other))
    (other / "lib.py").write_text("x")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    git(repo, "submodule", "add", "-q", str(other), "vendor")
    git(tmp_path, "clone", "-q", str(other), str(repo / "nested"))
    target = tmp_path / "copy"
    target.mkdir()
    GitSource().copy(repo, target)
    assert (target / "vendor" / "lib.py").read_text() == "x"
    assert (target / "nested" / "lib.py").read_text() == "x"
    git(repo, "commit", "-qam", "sub")
    (tmp_path / "at").mkdir()
    GitSource().extract(repo, "HEAD", tmp_path / "at")
    assert not (tmp_path / "at" / "vendor").exists()


def test_a_virtual_environment_that_git_does_not_know_is_left_out(repo: Path, tmp_path: Path) -> None:
    (repo / "env" / "bin").mkdir(parents=True)
    (repo / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (repo / "env" / "bin" / "python").write_text("x")
    target = tmp_path / "copy"
    target.mkdir()
    GitSource().copy(repo, target)
    assert not (target / "env").exists()


def test_nothing_of_a_hostile_configuration_runs(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.x.smudge",
        "filter.x.clean",
        "filter.x.process",
        "core.pager",
        "diff.external",
    ):
        git(repo, "config", key, str(script))
    (repo / ".gitattributes").write_text("* filter=x\n")
    for hook in ("post-checkout", "post-index-change"):
        (repo / ".git" / "hooks" / hook).write_text(script.read_text())
        (repo / ".git" / "hooks" / hook).chmod(0o755)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    source = GitSource()
    (tmp_path / "copy").mkdir()
    (tmp_path / "at").mkdir()
    source.copy(repo, tmp_path / "copy")
    source.extract(repo, "HEAD", tmp_path / "at")
    assert source.at(repo, "HEAD")
    assert not mark.exists()


def test_links_in_a_commit_never_lead_a_file_out(repo: Path, tmp_path: Path) -> None:
    """A tree may hold a link and, under another case of its name, files that would go through it."""
    (repo / "door").symlink_to(tmp_path)
    (repo / "loop").symlink_to("loop")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "door")
    (tmp_path / "at").mkdir()
    GitSource().extract(repo, "HEAD", tmp_path / "at")
    assert not (tmp_path / "at" / "door").is_symlink()


def test_a_folder_replaced_by_a_link_is_not_followed_out(repo: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.py").write_text("secret")
    (repo / "pkg" / "a.py").unlink()
    (repo / "pkg").rmdir()
    (repo / "pkg").symlink_to(secret)
    target = tmp_path / "copy"
    target.mkdir()
    GitSource().copy(repo, target)
    assert not (target / "pkg" / "a.py").exists()


def test_a_missing_object_is_told(repo: Path) -> None:
    blob = git(repo, "rev-parse", "HEAD:run.sh")
    path = repo / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.unlink()
    with pytest.raises(Transient, match=blob):
        GitSource().at(repo, "HEAD")


def test_a_machine_without_git(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="not installed"):
        GitSource().top(repo)


def test_the_diff_is_that_of_the_codebase() -> None:
    assert GitSource().diff({"a": "x\n"}, {"a": "y\n"}).startswith("diff --git a/a b/a\n")
