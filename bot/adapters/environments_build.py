"""Builds a wheel from a source archive in the sandbox, without a network: a build runs a stranger's code."""

from __future__ import annotations

import io
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from bot.codebase.metadata.pyproject import table
from bot.errors import Declined, Refused
from bot.ports import Job, Limits, Sandbox
from bot.scratch import scratch

_SECONDS = 300.0
_LARGEST = 500_000_000
_SCRIPT = """
import importlib, os, sys
name, _, place = sys.argv[1].partition(":")
sys.path[:0] = sys.argv[2:]
backend = importlib.import_module(name)
for part in filter(None, place.split(".")):
    backend = getattr(backend, part)
out = os.path.join(os.environ["SELFHEAL_BOX"], "dist")
os.makedirs(out, exist_ok=True)
backend.build_wheel(out)
"""


def unpacked(data: bytes, filename: str, folder: Path) -> Path:
    """Unpack an archive into a folder and return the one folder it holds; raises `Declined` for one that is odd."""
    try:
        if filename.endswith(".zip"):
            _unzip(data, folder)
        else:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                _check(sum(member.size for member in archive.getmembers()), filename)
                archive.extractall(folder, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise Declined(f"{filename} can't be unpacked: {error}") from error
    inside = [path for path in folder.iterdir() if path.is_dir()]
    if len(inside) != 1:
        raise Declined(f"{filename} does not hold one folder")
    return inside[0]


def _unzip(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check(sum(member.file_size for member in archive.infolist()), "the archive")
        for member in archive.namelist():
            if ".." not in PurePosixPath(member).parts and not member.startswith("/"):
                archive.extract(member, folder)


def _check(size: int, filename: str) -> None:
    if size > _LARGEST:
        raise Declined(f"{filename} unpacks to more than {_LARGEST} bytes")


def backend(source: Path) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the build backend of a source folder, the folders it is imported from, and what the build requires."""
    try:
        data: dict[str, Any] = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        data = {}
    system = table(data, "build-system")
    requires = tuple(str(one) for one in system.get("requires", ("setuptools", "wheel")))
    own = tuple(str(one) for one in system.get("backend-path") or ())
    return str(system.get("build-backend") or "setuptools.build_meta:__legacy__"), own, requires


def built(
    data: bytes, filename: str, sandbox: Sandbox, builder: Callable[[Path, tuple[str, ...]], Path]
) -> tuple[str, bytes]:
    """Return (file name, bytes) of the wheel that an archive builds; raises `Declined` when it can't be built.

    `builder` makes an environment in a folder that holds what the build requires, and returns it.
    """
    with scratch() as folder:
        source = unpacked(data, filename, folder / "source")
        name, own, requires = backend(source)
        environment = builder(folder / "environment", requires)
        job = Job(
            argv=("python", "-c", _SCRIPT, name, *own),
            tree=source,
            environment=environment,
            collect=("box:dist/*.whl",),
            limits=Limits(seconds=_SECONDS),
        )
        try:
            done = sandbox.run(job)
        except Refused as error:
            raise Declined(f"{filename} has no wheel and must not be built here: {error}") from error
    for path, wheel in done.files.items():
        return PurePosixPath(path.removeprefix("box:")).name, wheel
    words = done.output.decode("utf-8", "replace").strip()[-1500:]
    raise Declined(f"{filename} has no wheel and can't be built: {words}")
