"""Jobs that run among this machine's own processes, in a private folder, under a launcher that ends them all."""

from __future__ import annotations

import marshal
import os
import resource
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
from bot.adapters.sandbox_base import BaseSandbox, Running, close_pipes
from bot.adapters.sandbox_cgroup import Group, group
from bot.adapters.sandbox_janitor import discard
from bot.adapters.sandbox_layout import Layout, Toolchain, command, inside, toolchain, variables
from bot.adapters.sandbox_processes import count, exceeds, process_bound, rlimits
from bot.ports import Job, Limits
from bot.scratch import MARK, claim, owned_name

_STOP_SECONDS = 1.5
_FOLDERS = ("tree", "box", "home", "tmp")
_MOST_ENTRIES = 200_000


class _Launched(Running):
    """A job under the launcher; `status` is the pipe on which the launcher tells how it ended."""

    def __init__(self, process: subprocess.Popen[bytes], folder: str, limits: Limits, control: Group) -> None:
        self.process, self.folder, self.limits, self.group = process, folder, limits, control
        self.status = -1
        self._free = _free(folder)
        self._used = used_below(folder)

    def kill(self) -> None:
        if self.process.poll() is not None:
            return
        self.group.stop_forks()
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
        if self._disk_is_over():
            return "disk"
        if self.group.pids is None and count(self.process.pid) > self.limits.processes:
            return "processes"
        over = self.group.memory is None and exceeds(self.process.pid, self.limits.memory_mb)
        return "memory" if over else ""

    def _disk_is_over(self) -> bool:
        """Look at the whole disk first, which is cheap, and count our own files only when it has lost as much."""
        size, entries = _free(self.folder)
        most = self.limits.disk_mb << 20
        if self._free[0] - size <= most and self._free[1] - entries <= _MOST_ENTRIES:
            return False
        used = used_below(self.folder)
        return used[0] - self._used[0] > most or used[1] - self._used[1] > _MOST_ENTRIES

    def close(self) -> None:
        """End the job and release all that is held of it."""
        self.kill()
        close_pipes(self.process)


def _free(folder: str) -> tuple[int, int]:
    """Return the free bytes and the free entries of the disk that holds a folder."""
    about = os.statvfs(folder)
    return about.f_bavail * about.f_frsize, about.f_ffree


def used_below(folder: str) -> tuple[int, int]:
    """Return the bytes on disk and the number of all entries below a folder."""
    total, entries, folders = 0, 0, [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as found:
            for entry in found:
                entries += 1
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return total, entries


def _bounds(limits: Limits, control: Group) -> dict[int, int]:
    bounds = rlimits(limits, memory=control.memory is None)
    if control.pids is None and os.geteuid() != 0:
        bounds[resource.RLIMIT_NPROC] = process_bound(limits.processes, shared=True)
    return bounds


class HostedSandbox(BaseSandbox):
    """Runs jobs under the launcher; what a level adds to its orders is `orders`."""

    @abstractmethod
    def orders(self, folder: str, tools: Toolchain, program: str) -> Mapping[str, Any]:
        """Return what the launcher shall do for this level, on top of limits and clean-up."""

    @contextmanager
    def start(self, job: Job, *, talk: bool) -> Iterator[Running]:
        """Start a job in a folder of its own; its processes and the folder are gone on leaving."""
        with ExitStack() as stack:
            folder = os.path.join(os.path.realpath(tempfile.gettempdir()), owned_name())
            os.mkdir(folder, 0o700)
            stack.callback(discard, folder)
            stack.callback(os.close, claim(folder))
            control = stack.enter_context(group(job.limits, extra_bytes=0))
            _furnish(job, folder)
            orders = self._orders(job, folder) | {"limits": _bounds(job.limits, control)}
            told, tell = os.pipe()
            stack.callback(os.close, told)
            process = _launch(orders | {"status": tell}, tell, talk=talk)
            running = _Launched(process, folder, job.limits, control)
            stack.callback(running.close)
            running.status = told
            control.add(process.pid)
            if process.stdin is not None:
                process.stdin.write(b"go\n")
                process.stdin.flush()
                if not talk:
                    process.stdin.close()
            yield running

    def _orders(self, job: Job, folder: str) -> dict[str, Any]:
        tools = toolchain(job.environment)
        layout = Layout(*(os.path.join(folder, name) for name in _FOLDERS))
        argv = command(job, layout, tools)
        return {
            "argv": argv,
            "env": variables(job, layout, tools),
            "cwd": os.path.join(layout.tree, job.cwd if job.cwd == "." else inside(job.cwd)),
            "folder": folder,
            "parent": os.getpid(),
            **self.orders(folder, tools, argv[0]),
        }


def _launch(orders: Mapping[str, Any], tell: int, *, talk: bool) -> subprocess.Popen[bytes]:
    """Start the launcher with its orders; `tell` is closed on our side."""
    read = os.memfd_create("selfheal")
    try:
        with open(os.dup(read), "wb") as file:
            file.write(marshal.dumps(dict(orders)))
        os.lseek(read, 0, os.SEEK_SET)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", sandbox_launcher.__file__, str(read)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if talk else subprocess.STDOUT,
            pass_fds=(read, tell),
            env={MARK: os.path.basename(str(orders["folder"]))},
            start_new_session=True,
        )
    finally:
        os.close(read)
        os.close(tell)


def _furnish(job: Job, folder: str) -> None:
    """Lay out a run's folder: a copy of the tree, links as links, and the job's files.

    Compiled files are left out: two edits of one size within a second leave a stale one.
    """
    for name in _FOLDERS:
        os.mkdir(f"{folder}/{name}", 0o700)
    target = Path(folder, "tree")
    shutil.copytree(job.tree, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    for name, data in job.files.items():
        file = Path(folder, "box", inside(name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
