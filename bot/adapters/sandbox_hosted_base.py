"""Jobs that run among this machine's own processes, in a private folder, under a launcher that ends them all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from bot.adapters import sandbox_launcher
from bot.adapters.sandbox_base import BaseSandbox, Running
from bot.adapters.sandbox_cgroup import Group, group, owned_name
from bot.adapters.sandbox_layout import Layout, Toolchain, command, inside, toolchain, variables
from bot.adapters.sandbox_processes import count, memory_mb
from bot.ports import Job, Limits

_STOP_SECONDS = 2.0
_FOLDERS = ("tree", "box", "home", "tmp")


class _Launched(Running):
    """A job under the launcher; `status` is the pipe on which the launcher tells how it ended."""

    def __init__(self, process: subprocess.Popen[bytes], folder: str, limits: Limits, group: Group | None) -> None:
        self.process, self.folder, self.limits, self.group = process, folder, limits, group
        self.status = -1

    def kill(self) -> None:
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def exit_code(self) -> int:
        self.process.wait()
        told = os.read(self.status, 32)
        return os.waitstatus_to_exitcode(int(told)) if told else -signal.SIGKILL

    def overstep(self) -> str:
        if _bytes_below(self.folder) > self.limits.disk_mb << 20:
            return "disk"
        if self.group is not None and self.group.complete:
            return ""
        if count(self.process.pid) > self.limits.processes:
            return "processes"
        return "memory" if memory_mb(self.process.pid) > self.limits.memory_mb else ""


def _bytes_below(folder: str) -> int:
    """Return the bytes that the files of a folder take on disk."""
    total, folders = 0, [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return total


def _rlimits(limits: Limits) -> dict[str, int]:
    bounds = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(limits.seconds) + 2,
        "RLIMIT_FSIZE": limits.disk_mb << 20,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_AS": limits.memory_mb << 20,
    }
    return bounds if os.geteuid() == 0 else bounds | {"RLIMIT_NPROC": _own_processes() + limits.processes}


def _own_processes() -> int:
    """Return how many processes and threads our user has: on this level the limit counts them all."""
    threads = 0
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.geteuid():
                threads += len(os.listdir(f"/proc/{name}/task"))
    return threads


def copy_tree(tree: Path, target: Path) -> None:
    """Copy a tree, links as links, without compiled files: two edits within a second leave a stale one."""
    shutil.copytree(tree, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)


class HostedSandbox(BaseSandbox):
    """Runs jobs under the launcher; what a level adds to its orders is `orders`."""

    @abstractmethod
    def orders(self, job: Job, folder: str, tools: Toolchain, argv: tuple[str, ...]) -> Mapping[str, Any]:
        """Return what the launcher shall do for this level, on top of limits and clean-up."""

    @contextmanager
    def start(self, job: Job, *, talk: bool) -> Iterator[Running]:
        """Start a job in a folder of its own; its processes and the folder are gone on leaving."""
        with ExitStack() as stack:
            folder = os.path.join(os.path.realpath(tempfile.gettempdir()), owned_name())
            os.mkdir(folder, 0o700)
            stack.callback(_remove, folder)
            control = stack.enter_context(group(job.limits, extra_bytes=0))
            _furnish(job, folder)
            told, tell = os.pipe()
            stack.callback(os.close, told)
            process = self._launch(job, folder, tell, talk=talk)
            running = _Launched(process, folder, job.limits, control)
            running.status = told
            stack.callback(_close, running)
            if control is not None:
                control.add(process.pid)
            yield running

    def _launch(self, job: Job, folder: str, tell: int, *, talk: bool) -> subprocess.Popen[bytes]:
        tools = toolchain(job.environment)
        layout = Layout(*(os.path.join(folder, name) for name in _FOLDERS))
        argv = command(job, layout, tools)
        orders = {
            "argv": argv,
            "env": variables(job, layout, tools),
            "cwd": os.path.join(layout.tree, job.cwd if job.cwd == "." else inside(job.cwd)),
            "folder": folder,
            "limits": _rlimits(job.limits),
            "parent": os.getpid(),
            "status": tell,
            **self.orders(job, folder, tools, argv),
        }
        read = os.memfd_create("selfheal")
        try:
            os.write(read, json.dumps(orders).encode())
            os.lseek(read, 0, os.SEEK_SET)
            return subprocess.Popen(
                [sys.executable, "-I", "-S", sandbox_launcher.__file__, str(read)],
                stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if talk else subprocess.STDOUT,
                pass_fds=(read, tell),
                env={},
                start_new_session=True,
            )
        finally:
            os.close(read)
            os.close(tell)


def _furnish(job: Job, folder: str) -> None:
    for name in _FOLDERS:
        os.mkdir(f"{folder}/{name}", 0o700)
    copy_tree(job.tree, Path(folder, "tree"))
    for name, data in job.files.items():
        target = Path(folder, "box", inside(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _close(running: _Launched) -> None:
    running.kill()
    for pipe in (running.process.stdin, running.process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _remove(folder: str) -> None:
    """Remove a run's folder, whatever permissions a stranger has left on what is in it."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                with suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
