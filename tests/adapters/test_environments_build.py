"""What has no wheel is fetched from a real index on the loopback and built for real, in the sandbox."""

from __future__ import annotations

import functools
import http.server
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from bot.adapters import environments_build, environments_sources
from bot.adapters.environments import UvEnvironments
from bot.adapters.environments_uv import withdrawn
from bot.adapters.sandbox import pick
from bot.errors import Declined
from bot.ports import Environment, Sandbox
from tests.sdists import sdist
from tests.wheels import sha256, wheel


@pytest.fixture(scope="module")
def box() -> Sandbox:
    return pick(trust=True)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Index(folder, f"http://127.0.0.1:{server.server_address[1]}/simple")
        server.shutdown()


class Index:
    """A package index with the pages that packages need."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def offer(self, name: str, *paths: Path, sums: bool = True, yanked: str = "") -> None:
        page = self.folder / "simple" / name
        page.mkdir(parents=True, exist_ok=True)
        rows = []
        for path in paths:
            (self.folder / path.name).write_bytes(path.read_bytes())
            mark = f"#sha256={sha256(path).partition(':')[2]}" if sums else ""
            rows.append(
                f'<a href="../../{path.name}{mark}" {"data-yanked" if path.name == yanked else ""}>{path.name}</a>'
            )
        (page / "index.html").write_text(f"<html><body>{''.join(rows)}<a>x</a></body></html>")


def prepare(tmp_path: Path, environ: dict[str, str], box: Sandbox | None, files: dict[str, str]) -> Environment:
    tree = tmp_path / "tree"
    tree.mkdir(exist_ok=True)
    for name, text in files.items():
        (tree / name).write_text(text)
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}
    return UvEnvironments(tmp_path / "cache", base | environ, box).prepare(tree, ())


def test_what_has_no_wheel_is_built(index: Index, box: Sandbox, tmp_path: Path) -> None:
    made = tmp_path / "made"
    index.offer(
        "delta",
        sdist(made, "delta"),
        sdist(made, "delta", "2.0"),
        sdist(made, "delta", "3.0"),
        yanked="delta-3.0.tar.gz",
    )
    index.offer("extra", sdist(made, "extra", zipped=True), sums=False)
    found = prepare(tmp_path, {"UV_DEFAULT_INDEX": index.url}, box, {"requirements.txt": "delta<3\nextra\n"})
    assert found.packages == {"delta": "2.0", "extra": "1.0"}
    again = prepare(tmp_path, {"UV_DEFAULT_INDEX": index.url}, box, {"requirements.txt": "extra\n"})
    assert again.packages == {"extra": "1.0"}


def test_a_release_that_was_withdrawn_is_named(index: Index, tmp_path: Path) -> None:
    old, new = wheel(tmp_path / "made", "delta", "1.0"), wheel(tmp_path / "made", "delta", "2.0")
    index.offer("delta", old, new, yanked=new.name)
    environ = {"UV_DEFAULT_INDEX": index.url}
    for _ in ("made", "found again"):
        found = prepare(tmp_path, environ, None, {"requirements.txt": "delta==2.0\n"})
        assert (found.packages, found.withdrawn) == ({"delta": "2.0"}, {"delta": ""})
    assert prepare(tmp_path, environ, None, {"requirements.txt": "delta\n"}).withdrawn == {}
    said = 'Resolved 2 packages\nwarning: `Del.ta==2.0` is yanked (reason: "breaks on import")'
    assert withdrawn(said) == {"del-ta": "breaks on import"}


def test_from_a_folder_and_by_a_lock(box: Sandbox, tmp_path: Path) -> None:
    path = sdist(tmp_path / "links", "delta")
    lock = '[[package]]\nname = "delta"\nversion = "1.0"\nsource = { registry = "x" }\nsdist = { hash = "%s" }\n'
    environ = {"PIP_FIND_LINKS": str(tmp_path / "links"), "PIP_NO_INDEX": "1"}
    files = {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["delta"]\n', "uv.lock": lock % sha256(path)}
    assert prepare(tmp_path, environ, box, files).packages == {"delta": "1.0", "x": "0.0.0"}


def test_an_archive_that_is_not_the_locked_one_is_not_built(box: Sandbox, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    sdist(tmp_path / "links", "delta", extra=f"open({str(ran)!r}, 'w')")
    lock = '[[package]]\nname = "delta"\nversion = "1.0"\nsource = { registry = "x" }\nsdist = { hash = "%s" }\n'
    environ = {"PIP_FIND_LINKS": str(tmp_path / "links"), "PIP_NO_INDEX": "1"}
    files = {
        "pyproject.toml": '[project]\nname = "x"\ndependencies = ["delta"]\n',
        "uv.lock": lock % f"sha256:{'0' * 64}",
    }
    with pytest.raises(Declined, match="Hash mismatch"):
        prepare(tmp_path, environ, box, files)
    assert not ran.exists()


@pytest.mark.parametrize(
    ("extra", "builds", "words"),
    [
        ("raise SystemExit('no compiler')", "", "no compiler"),
        ("pass", "other", "builds other-1.0-py3-none-any.whl, which is something else"),
        ("name = '..odd'", "", "something else"),
    ],
)
def test_a_build_that_fails_or_cheats(box: Sandbox, tmp_path: Path, extra: str, builds: str, words: str) -> None:
    sdist(tmp_path / "links", "delta", extra=extra, builds=builds)
    environ = {"PIP_FIND_LINKS": str(tmp_path / "links"), "PIP_NO_INDEX": "1"}
    with pytest.raises(Declined, match=words):
        prepare(tmp_path, environ, box, {"requirements.txt": "delta\n"})
    assert not list((tmp_path / "cache").glob("wheels/*/*"))


def test_without_a_sandbox_nothing_is_built(tmp_path: Path) -> None:
    sdist(tmp_path / "links", "delta")
    environ = {"PIP_FIND_LINKS": str(tmp_path / "links"), "PIP_NO_INDEX": "1"}
    with pytest.raises(Declined, match="no usable wheels"):
        prepare(tmp_path, environ, None, {"requirements.txt": "delta\n"})


def test_a_sandbox_that_refuses(tmp_path: Path) -> None:
    from bot.adapters.sandbox_none import NoSandbox

    sdist(tmp_path / "links", "delta")
    environ = {"PIP_FIND_LINKS": str(tmp_path / "links"), "PIP_NO_INDEX": "1"}
    with pytest.raises(Declined, match="must not be built here"):
        prepare(tmp_path, environ, NoSandbox("none here"), {"requirements.txt": "delta\n"})


def test_what_an_index_does_not_have(index: Index) -> None:
    index.offer("delta", *[])
    settings = {"UV_DEFAULT_INDEX": index.url, "UV_INDEX": "own=ftp://x/simple"}
    with pytest.raises(Declined, match="neither a wheel nor a source archive of delta>=2"):
        environments_sources.find("delta", SpecifierSet(">=2"), settings)
    gone = environments_sources.Archive(
        f"{index.url}/gone.tar.gz", "gone.tar.gz", environments_sources.Version("1"), ""
    )
    with pytest.raises(Declined, match=r"cannot fetch gone\.tar\.gz"):
        environments_sources.fetch(gone, settings)


def test_names_that_are_no_version_and_prereleases(tmp_path: Path) -> None:
    for name in ("delta-x.tar.gz", "delta-1.0rc1.tar.gz", "other-2.0.tar.gz", "delta-3.0-py3-none-any.whl"):
        (tmp_path / name).write_bytes(b"")
    found = environments_sources.find("delta", SpecifierSet(), {"UV_FIND_LINKS": str(tmp_path)}, index=False)
    assert found.filename == "delta-1.0rc1.tar.gz"


def test_an_archive_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sdist(tmp_path, "delta")
    monkeypatch.setattr(environments_sources, "LARGEST", 10)
    archive = environments_sources.find("delta", SpecifierSet(), {"UV_FIND_LINKS": str(tmp_path)}, index=False)
    with pytest.raises(Declined, match="larger than 10 bytes"):
        environments_sources.fetch(archive, {})
    monkeypatch.setattr(environments_build, "_LARGEST", 10)
    with pytest.raises(Declined, match="unpacks to more"):
        environments_build.unpacked(path.read_bytes(), path.name, tmp_path / "out")


def tar(**files: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def test_archives_that_are_odd(tmp_path: Path) -> None:
    with pytest.raises(Declined, match="can't be unpacked"):
        environments_build.unpacked(b"nonsense", "a-1.tar.gz", tmp_path / "a")
    with pytest.raises(Declined, match="can't be unpacked"):
        environments_build.unpacked(b"nonsense", "a-1.zip", tmp_path / "b")
    with pytest.raises(Declined, match="can't be unpacked"):
        environments_build.unpacked(tar(**{"../out": "x"}), "a-1.tar.gz", tmp_path / "c")
    with pytest.raises(Declined, match="does not hold one folder"):
        environments_build.unpacked(tar(**{"a/x": "", "b/x": ""}), "a-1.tar.gz", tmp_path / "d")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../out", "x")
        archive.writestr("top/in", "x")
    assert environments_build.unpacked(data.getvalue(), "a-1.zip", tmp_path / "e").name == "top"
    assert not (tmp_path / "out").exists()


def test_the_backend_that_a_source_names(tmp_path: Path) -> None:
    setuptools = ("setuptools.build_meta:__legacy__", (), ("setuptools", "wheel"))
    assert environments_build.backend(tmp_path) == setuptools
    (tmp_path / "pyproject.toml").write_text("[broken")
    assert environments_build.backend(tmp_path) == setuptools
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    )
    assert environments_build.backend(tmp_path) == ("hatchling.build", (), ("hatchling",))
