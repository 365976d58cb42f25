"""The bubblewrap profile of one job, as plain options: what it sees, what it may write, how much of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import sandbox_seccomp
from bot.adapters.sandbox_layout import PUBLIC, SYSTEM, Layout, Toolchain, command, inside, toolchain, variables
from bot.ports import Job, SandboxLevel

LAYOUT = Layout(tree="/selfheal/tree", box="/selfheal/box", home="/selfheal/home", tmp="/tmp")  # noqa: S108 - its own
TMP_MB, SHM_MB, SHM = 256, 64, "/dev/shm"  # noqa: S108 - its own
READY = b"selfheal: ready\n"
_PAGE = 4096
_GIVEN = {
    "/etc/passwd": b"root:x:0:0:root:/nowhere:/usr/sbin/nologin\nsandbox:x:1000:1000::/selfheal/home:/bin/sh\n",
    "/etc/group": b"root:x:0:\nsandbox:x:1000:\n",
    "/etc/hosts": b"127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
}
# The copy is made inside, where a stranger's links lead nowhere.
_SCRIPT = 'echo \'selfheal: ready\'; read -r _ || exit; {copy} {prune} cd "/selfheal/tree/$1" && shift && exec "$@"'
_COPY = "cp -a /selfheal/source/. /selfheal/tree/ &&"
# Two edits of one size within a second leave a stale compiled file, so none comes along.
_PRUNE = "find /selfheal/tree -name __pycache__ -type d -prune -exec rm -rf {} + &&"


@dataclass(frozen=True)
class Shape:
    """Which parts of the profile this machine allows; found out by the self-test."""

    proc: bool = True
    disable_userns: bool = True

    @property
    def level(self) -> SandboxLevel:
        """Return the level that the shape amounts to."""
        return "bubblewrap" if self.proc else "bubblewrap-noproc"


@dataclass(frozen=True)
class Profile:
    """Options for bubblewrap in order; bytes among them are to be passed as the number of a descriptor."""

    options: tuple[str | bytes, ...]
    memory_bytes: int


def _measure(tree: Path) -> tuple[int, bool]:
    """Return how many bytes a copy of the tree takes in memory, and whether compiled files lie in it."""
    total, compiled, folders = _PAGE, False, [str(tree)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                about = entry.stat(follow_symlinks=False)
                total += about.st_size // _PAGE * _PAGE + 2 * _PAGE
                if stat.S_ISDIR(about.st_mode):
                    folders.append(entry.path)
                    compiled = compiled or entry.name == "__pycache__"
    return total, compiled


def _namespaces(shape: Shape) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox")
    yield from ("--uid", "1000", "--gid", "1000", "--cap-drop", "ALL")
    if shape.disable_userns:
        yield "--disable-userns"


def _system() -> Iterator[str]:
    """Yield the options for a read-only system: /usr, and what this distribution keeps beside it."""
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for extra in PUBLIC:
        if Path(extra).is_dir():
            yield from ("--ro-bind-try", extra, extra)


def _private(shape: Shape, disk_bytes: int) -> Iterator[str]:
    """Yield the options for what the job may write: all of it memory, each piece bounded."""
    if shape.proc:
        # Where the bot is root, the job's user owns the kernel's settings below /proc/sys: nothing there is writable.
        yield from ("--proc", "/proc", "--remount-ro", "/proc")
    yield from ("--dev", "/dev", "--size", str(SHM_MB << 20), "--tmpfs", SHM, "--remount-ro", "/dev")
    yield from ("--perms", "1777", "--size", str(TMP_MB << 20), "--tmpfs", LAYOUT.tmp)
    yield from ("--size", str(disk_bytes), "--tmpfs", "/selfheal")
    for folder in (LAYOUT.tree, LAYOUT.box, LAYOUT.home):
        yield from ("--dir", folder)


def _readable(job: Job, tools: Toolchain, program: str) -> Iterator[str]:
    for path in tools.readonly:
        yield from ("--ro-bind", path, path)
    for link, target in tools.links:
        yield from ("--symlink", target, link)
    if program.startswith("/") and not program.startswith(("/usr/", "/selfheal/", "/bin/", *tools.readonly)):
        yield from ("--ro-bind-try", program, program)
    yield from ("--ro-bind", str(job.tree), "/selfheal/source")


def _files(job: Job) -> Iterator[str | bytes]:
    """Yield the options for single files: copies, as every mount makes the next one slower; the root is read-only."""
    public = {path: Path(path).read_bytes() for path in PUBLIC if Path(path).is_file()}
    for path, data in (public | _GIVEN).items():
        yield from ("--perms", "0444", "--file", data, path)
    for name, data in job.files.items():
        yield from ("--file", data, f"{LAYOUT.box}/{inside(name)}")


def profile(job: Job, shape: Shape) -> Profile:
    """Return the options and the command for one job, and how much memory its files may take.

    Raises `Misconfigured` for an environment without Python or a path that leaves the sandbox.
    """
    tools = toolchain(job.environment)
    argv = command(job, LAYOUT, tools)
    size, compiled = _measure(job.tree)
    disk = size + sum(len(data) + 2 * _PAGE for data in job.files.values()) + (job.limits.disk_mb << 20)
    options: list[str | bytes] = [*_namespaces(shape), *_system(), *_private(shape, disk)]
    options += [*_readable(job, tools, argv[0]), *_files(job)]
    options += ["--remount-ro", "/", "--chdir", "/selfheal", "--clearenv"]
    for name, value in variables(job, LAYOUT, tools).items():
        options += ["--setenv", name, value]
    if sandbox_seccomp.supported():
        options += ["--seccomp", sandbox_seccomp.program()]
    copied = _SCRIPT.replace("{copy}", _COPY if size > _PAGE else "")
    script = copied.replace("{prune}", _PRUNE if compiled else "")
    cwd = job.cwd if job.cwd == "." else inside(job.cwd)
    options += ["--", "/bin/sh", "-c", script, "sh", cwd, *argv]
    return Profile(tuple(options), disk + (TMP_MB + SHM_MB << 20))
