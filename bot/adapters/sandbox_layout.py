"""How a job looks from inside: interpreter, tools, variables, and which folders of this machine it may read."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.errors import Misconfigured
from bot.ports import Job

BUNDLED = ("ruff",)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
# What libraries look up and every installation holds alike; nothing of /etc beyond it is to be seen.
PUBLIC = (
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/mime.types", "/etc/protocols", "/etc/services"),
    *("/etc/ssl/openssl.cnf", "/etc/ssl/certs", "/etc/ca-certificates"),
)
_SYSTEM_BIN = ("/usr/local/bin", "/usr/bin", "/bin")
_MOST_LINKS = 40


@dataclass(frozen=True)
class Layout:
    """The folders of one run, as the job names them."""

    tree: str
    box: str
    home: str
    tmp: str


@dataclass(frozen=True)
class Toolchain:
    """An environment and all it leans on.

    `readonly` are the real folders and files a job must be able to read, `links` the symbolic links that lead to
    them (path, target), `bin` the folders to search for commands.
    """

    python: str
    bin: tuple[str, ...]
    readonly: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def trace(path: Path) -> tuple[Path, tuple[tuple[str, str], ...]]:
    """Return the real path behind `path`, and every symbolic link on the way to it as (link, target).

    Raises `Misconfigured` when the links go in circles.
    """
    links: list[tuple[str, str]] = []
    current, rest = Path("/"), list(path.absolute().parts[1:])
    while rest:
        part = rest.pop(0)
        if part == "..":
            current = current.parent
            continue
        step = current / part
        if not step.is_symlink():
            current = step
            continue
        target = os.readlink(step)
        links.append((str(step), target))
        if len(links) > _MOST_LINKS:
            raise Misconfigured(f"the links at {path} go in circles", hint="Make the environment again.")
        current = Path("/") if target.startswith("/") else current
        rest = [part for part in Path(target).parts if part != "/"] + rest
    return current, tuple(links)


def _home_of(environment: Path) -> Path | None:
    """Return the folder of the base interpreter that a virtual environment names, if it is one."""
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    homes = (line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == "home")
    home = next(homes, "")
    return Path(home) if home else None


def _beneath(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _interpreter(environment: Path) -> Path:
    for name in ("python", "python3"):
        if (environment / "bin" / name).exists():
            return environment / "bin" / name
    raise Misconfigured(
        f"there is no Python in {environment}/bin", hint="Give a virtual environment or the prefix of a Python."
    )


def toolchain(environment: Path | None) -> Toolchain:
    """Return what a job needs to run in `environment` (None = the plain Python that runs us, without our packages).

    A virtual environment leans on a base Python elsewhere, often over several links (pyenv, uv): all of it is
    traced. Raises `Misconfigured` when the folder holds no Python.
    """
    folder = Path(sys.base_prefix) if environment is None else environment.absolute()
    python = _interpreter(folder)
    real, links = trace(python)
    readonly = [str(folder), str(real.parent.parent)]
    home = _home_of(folder)
    if home is not None:
        base, more = trace(home)
        readonly.append(str(base.parent))
        links = (*links, *more)
    kept = tuple(dict.fromkeys(path for path in readonly if not _beneath(path, ("/usr",)) and path != "/"))
    outside = tuple(dict.fromkeys(link for link in links if not _beneath(link[0], (*kept, "/usr", "/bin", "/lib"))))
    return Toolchain(str(python), (str(folder / "bin"), str(real.parent), *_SYSTEM_BIN), kept, outside)


def bundled(name: str) -> str:
    """Return the path of a tool that comes with the bot, or an empty text."""
    if name not in BUNDLED:
        return ""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name) or ""


def find_tool(name: str, tools: Toolchain) -> str:
    """Return the path of a command: in the environment, else bundled with the bot, else in the system, else ""."""
    for folder in tools.bin[:1]:
        if os.access(f"{folder}/{name}", os.X_OK):
            return f"{folder}/{name}"
    return bundled(name) or shutil.which(name, path=os.pathsep.join(tools.bin)) or ""


def command(job: Job, layout: Layout, tools: Toolchain) -> tuple[str, ...]:
    """Return the job's argument list with the interpreter or tool found and `{box}` filled in."""
    first, *rest = (text.replace("{box}", layout.box) for text in job.argv)
    if first == "python":
        first = tools.python
    elif "/" not in first:
        first = find_tool(first, tools) or first
    return (first, *rest)


def variables(job: Job, layout: Layout, tools: Toolchain) -> dict[str, str]:
    """Return all environment variables of the job: nothing of ours is inherited."""
    return {
        "PATH": os.pathsep.join(tools.bin),
        "HOME": layout.home,
        "TMPDIR": layout.tmp,
        "LANG": "C.UTF-8",
        "USER": "sandbox",
        "SELFHEAL_BOX": layout.box,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        **{name: value.replace("{box}", layout.box) for name, value in job.env.items()},
    }


def inside(path: str) -> str:
    """Return a relative POSIX path unchanged; raises `Misconfigured` when it leaves its folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise Misconfigured(f"{path!r} is not a path inside the sandbox", hint="Use a relative path without '..'.")
    return path
