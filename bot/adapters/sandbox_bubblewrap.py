"""The strongest level: bubblewrap with its own namespaces, a seccomp filter, and every quantity bounded.

Nothing is written on this machine: the job's tree is copied into memory inside, its files travel in memory, and
what it made is read from outside through a descriptor that outlives it.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import sandbox_cgroup, sandbox_seccomp
from bot.adapters.sandbox_base import BaseSandbox, Running
from bot.adapters.sandbox_layout import Layout, Toolchain, command, inside, toolchain, variables
from bot.adapters.sandbox_processes import count, memory_mb
from bot.errors import Transient
from bot.ports import Job, Limits, SandboxLevel

LAYOUT = Layout(tree="/selfheal/tree", box="/selfheal/box", home="/selfheal/home", tmp="/tmp")  # noqa: S108 - its own
TMP_MB, SHM_MB, SHM = 256, 64, "/dev/shm"  # noqa: S108 - its own
_READY = b"selfheal: ready\n"
_START_SECONDS = 20.0
# The copy is made inside, where a stranger's links lead nowhere. Compiled files never come along: two edits of one
# size within a second leave a stale one.
_SCRIPT = (
    "echo 'selfheal: ready'; read -r _; cp -a /selfheal/source/. /selfheal/tree/ &&"
    " find /selfheal/tree -name __pycache__ -type d -prune -exec rm -rf {} + &&"
    ' cd "/selfheal/tree/$1" && shift && exec "$@"'
)
_PASSWD = b"root:x:0:0:root:/nowhere:/usr/sbin/nologin\nsandbox:x:1000:1000::/selfheal/home:/bin/sh\n"
_GROUP = b"root:x:0:\nsandbox:x:1000:\n"
_HOSTS = b"127.0.0.1 localhost sandbox\n::1 localhost\n"
_NSSWITCH = b"passwd: files\ngroup: files\nhosts: files\n"


@dataclass(frozen=True)
class Shape:
    """Which parts of the profile this machine allows; found out by the self-test."""

    proc: bool = True
    disable_userns: bool = True

    @property
    def level(self) -> SandboxLevel:
        """Return the level that the shape amounts to."""
        return "bubblewrap" if self.proc else "bubblewrap-noproc"


def _size(tree: Path) -> int:
    """Return how many bytes the files of a tree take when copied."""
    total, folders = 0, [str(tree)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                total += (entry.stat(follow_symlinks=False).st_size | 4095) + 1
    return total


def _memory_file(stack: ExitStack, data: bytes) -> int:
    descriptor = os.memfd_create("selfheal")
    stack.callback(os.close, descriptor)
    with open(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _namespaces(shape: Shape) -> list[str]:
    options = ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    options += ["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    return [*options, "--disable-userns"] if shape.disable_userns else options


def _system() -> list[str]:
    """Return the options for a read-only system: /usr, and what this distribution keeps beside it."""
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for extra in ("/etc/ld.so.cache", "/etc/alternatives", "/nix/store", "/gnu/store"):
        options += ["--ro-bind-try", extra, extra]
    return options


def _private(shape: Shape, disk_bytes: int) -> list[str]:
    """Return the options for what the job may write: all of it memory, each piece bounded."""
    options = ["--proc", "/proc"] if shape.proc else []
    options += ["--dev", "/dev", "--size", str(SHM_MB << 20), "--tmpfs", SHM]
    options += ["--perms", "1777", "--size", str(TMP_MB << 20), "--tmpfs", LAYOUT.tmp]
    options += ["--size", str(disk_bytes), "--tmpfs", "/selfheal"]
    return options + [part for name in ("tree", "box", "home") for part in ("--dir", f"/selfheal/{name}")]


def _readable(job: Job, tools: Toolchain, argv: tuple[str, ...]) -> list[str]:
    options = [part for path in tools.readonly for part in ("--ro-bind", path, path)]
    options += [part for link, target in tools.links for part in ("--symlink", target, link)]
    if argv[0].startswith("/") and not argv[0].startswith(("/usr/", "/selfheal/", "/bin/", *tools.readonly)):
        options += ["--ro-bind-try", argv[0], argv[0]]
    return [*options, "--ro-bind", str(job.tree), "/selfheal/source"]


class _Contained(Running):
    """A job in bubblewrap; `child` is the namespace's first process, whose death is everybody's."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, group: sandbox_cgroup.Group | None) -> None:
        self.process, self.limits, self.group = process, limits, group
        self.child = 0
        self.child_fd = -1
        self.folder_fd = -1

    @property
    def folder(self) -> str:  # type: ignore[override]
        """Return the folder that holds `tree` and `box`, seen from outside."""
        return f"/proc/self/fd/{self.folder_fd}"

    def adopt(self, child: int) -> None:
        """Bound the namespace's first process before anything of the job runs."""
        self.child, self.child_fd = child, os.pidfd_open(child)
        if self.group is not None:
            self.group.add(child)
        for kind, value in _rlimits(self.limits, self.group).items():
            resource.prlimit(child, kind, (value, value))

    def kill(self) -> None:
        if self.child_fd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.child_fd, signal.SIGKILL)
        if self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=2.0)
            self.process.kill()
        if self.child_fd >= 0:
            poll = select.poll()
            poll.register(self.child_fd, select.POLLIN)
            poll.poll(2000)

    def exit_code(self) -> int:
        code = self.process.wait()
        return 128 - code if code > 128 else code

    def overstep(self) -> str:
        if self.group is not None and self.group.complete:
            return ""
        if count(self.child) > self.limits.processes:
            return "processes"
        return "memory" if memory_mb(self.child) > self.limits.memory_mb else ""

    def close(self) -> None:
        """Release all that is held of the job."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        for descriptor in (self.child_fd, self.folder_fd):
            if descriptor >= 0:
                os.close(descriptor)


def _rlimits(limits: Limits, group: sandbox_cgroup.Group | None) -> dict[int, int]:
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(limits.seconds) + 2,
        resource.RLIMIT_FSIZE: limits.disk_mb << 20,
        resource.RLIMIT_NOFILE: 1024,
    }
    if group is None or not group.memory:
        bounds[resource.RLIMIT_AS] = limits.memory_mb << 20
    if group is None or not group.pids:
        bounds[resource.RLIMIT_NPROC] = limits.processes
    return bounds


class Bubblewrap(BaseSandbox):
    """Runs jobs in bubblewrap, in the shape that the self-test found to work here."""

    def __init__(self, program: str, shape: Shape = Shape()) -> None:
        self.program, self.shape = program, shape

    @property
    def level(self) -> SandboxLevel:
        """Return `bubblewrap`, or `bubblewrap-noproc` where the kernel allows no private /proc."""
        return self.shape.level

    @contextmanager
    def start(self, job: Job, *, talk: bool) -> Iterator[Running]:
        """Start a job; the namespace, the cgroup and all descriptors are gone on leaving."""
        with ExitStack() as stack:
            disk = _size(job.tree) + sum(map(len, job.files.values())) + (job.limits.disk_mb << 20)
            group = stack.enter_context(sandbox_cgroup.group(job.limits, extra_bytes=disk + (TMP_MB + SHM_MB << 20)))
            info, info_end = os.pipe()
            block_end, block = os.pipe()
            passed = [info_end, block_end]
            for descriptor in (info, block):
                stack.callback(os.close, descriptor)
            with ExitStack() as short:
                for descriptor in passed:
                    short.callback(os.close, descriptor)
                argv = [self.program, "--info-fd", str(info_end), "--block-fd", str(block_end)]
                argv += self._profile(job, disk, short, passed)
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL if talk else subprocess.STDOUT,
                    pass_fds=passed,
                    env={},
                    start_new_session=True,
                )
            running = _Contained(process, job.limits, group)
            stack.callback(running.close)
            self._hand_over(running, info, block)
            if not talk and process.stdin is not None:
                process.stdin.close()
            yield running

    def _profile(self, job: Job, disk: int, stack: ExitStack, passed: list[int]) -> list[str]:
        """Return bubblewrap's options and the command; descriptors it needs are added to `passed`."""
        tools = toolchain(job.environment)
        argv = command(job, LAYOUT, tools)
        options = [*_namespaces(self.shape), *_system(), *_private(self.shape, disk)]
        given = {"/etc/passwd": _PASSWD, "/etc/group": _GROUP, "/etc/hosts": _HOSTS, "/etc/nsswitch.conf": _NSSWITCH}
        for path, data in given.items():
            passed.append(_memory_file(stack, data))
            options += ["--ro-bind-data", str(passed[-1]), path]
        options += _readable(job, tools, argv)
        for name, data in job.files.items():
            passed.append(_memory_file(stack, data))
            options += ["--file", str(passed[-1]), f"{LAYOUT.box}/{inside(name)}"]
        options += ["--remount-ro", "/", "--chdir", "/selfheal", "--clearenv"]
        for name, value in variables(job, LAYOUT, tools).items():
            options += ["--setenv", name, value]
        if sandbox_seccomp.supported():
            passed.append(_memory_file(stack, sandbox_seccomp.program()))
            options += ["--seccomp", str(passed[-1])]
        cwd = job.cwd if job.cwd == "." else inside(job.cwd)
        return [*options, "--", "/bin/sh", "-c", _SCRIPT, "sh", cwd, *argv]

    def _hand_over(self, running: _Contained, info: int, block: int) -> None:
        """Bound the job while bubblewrap waits, take hold of its folder, then let it go."""
        running.adopt(_child(running.process, info))
        os.write(block, b"x")
        out, into = running.process.stdout, running.process.stdin
        assert out is not None and into is not None  # noqa: S101, PT018 - started with pipes above
        said = _line(out.fileno())
        if said != _READY:
            running.kill()
            said += os.read(out.fileno(), 4096)
            raise Transient(f"bubblewrap did not start: {said.decode(errors='replace').strip()[:500]}")
        running.folder_fd = os.open(f"/proc/{running.child}/root/selfheal", os.O_RDONLY | os.O_DIRECTORY)
        into.write(b"go\n")
        into.flush()


def _child(process: subprocess.Popen[bytes], info: int) -> int:
    text = b""
    poll = select.poll()
    poll.register(info, select.POLLIN)
    while not text.rstrip().endswith(b"}"):
        data = os.read(info, 4096) if poll.poll(int(_START_SECONDS * 1000)) else b""
        if not data:
            process.kill()
            said = process.stdout.read(500) if process.stdout else b""
            raise Transient(f"bubblewrap did not start: {said.decode(errors='replace').strip()}")
        text += data
    return int(json.loads(text)["child-pid"])


def _line(descriptor: int) -> bytes:
    """Return the first line of an output, or what there is of it when it ends early."""
    line, end = b"", time.monotonic() + _START_SECONDS
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while not line.endswith(b"\n") and time.monotonic() < end and poll.poll(1000):
        data = os.read(descriptor, 1)
        if not data:
            break
        line += data
    return line
