"""The strongest level: bubblewrap with its own namespaces, a seccomp filter, and every quantity bounded.

Nothing is written on this machine: the job's tree is copied into memory inside, its files travel in memory, and
what it made is read from outside through descriptors that outlive it. A job dies with the thread that started it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from bot.adapters import sandbox_cgroup
from bot.adapters.sandbox_base import BaseSandbox, Running, close_pipes, readable
from bot.adapters.sandbox_processes import count, exceeds, process_bound, rlimits
from bot.adapters.sandbox_profile import LAYOUT, READY, SHM, Shape, profile
from bot.errors import Transient
from bot.ports import Job, Limits, SandboxLevel
from bot.scratch import MARK, owned_name

_START_SECONDS = 20.0
_STOP_SECONDS = 2.0
_MOST_ENTRIES = 200_000  # an empty file costs kernel memory that no size limit counts


class _Contained(Running):
    """A job in bubblewrap; `child` is the namespace's first process, whose death is everybody's."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, group: sandbox_cgroup.Group) -> None:
        self.process, self.limits, self.group = process, limits, group
        self.child = 0
        self.child_fd = -1
        self.folder_fds: list[int] = []

    @property
    def folder(self) -> str:  # type: ignore[override]
        """Return the folder that holds `tree` and `box`, seen from outside."""
        return f"/proc/self/fd/{self.folder_fds[0]}"

    def adopt(self, child: int) -> None:
        """Bound the namespace's first process before anything of the job runs."""
        self.child, self.child_fd = child, os.pidfd_open(child)
        self.group.add(child)
        bounds = rlimits(self.limits, memory=self.group.memory is None)
        if self.group.pids is None:
            bounds[resource.RLIMIT_NPROC] = process_bound(self.limits.processes)
        for kind, value in bounds.items():
            resource.prlimit(child, kind, (value, value))

    def hold(self) -> None:
        """Open what the job may write, so that it can be watched, and read when the job is gone."""
        for folder in ("/selfheal", LAYOUT.tmp, SHM):
            self.folder_fds.append(os.open(f"/proc/{self.child}/root{folder}", os.O_RDONLY | os.O_DIRECTORY))

    def kill(self) -> None:
        self.group.stop_forks()
        if self.child_fd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.child_fd, signal.SIGKILL)
        if self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=_STOP_SECONDS)
            self.process.kill()
        if self.child_fd >= 0:
            readable(self.child_fd, _STOP_SECONDS)

    def exit_code(self) -> int:
        code = self.process.wait()
        return 128 - code if code > 128 else code

    def overstep(self) -> str:
        disks = (os.fstatvfs(descriptor) for descriptor in self.folder_fds)
        if any(about.f_files - about.f_ffree > _MOST_ENTRIES for about in disks):
            return "disk"
        if self.group.pids is None and count(self.child) > self.limits.processes:
            return "processes"
        most = self.limits.memory_mb
        over = self.group.memory_mb() > most if self.group.memory else exceeds(self.child, most)
        return "memory" if over else ""

    def close(self) -> None:
        """End the job and release all that is held of it."""
        self.kill()
        close_pipes(self.process)
        for descriptor in (self.child_fd, *self.folder_fds):
            if descriptor >= 0:
                os.close(descriptor)


class Bubblewrap(BaseSandbox):
    """Runs jobs in bubblewrap, in the shape that the self-test found to work here."""

    def __init__(self, program: str, shape: Shape | None = None) -> None:
        self.program, self.shape = program, shape or Shape()

    @property
    def level(self) -> SandboxLevel:
        """Return `bubblewrap`, or `bubblewrap-noproc` where the kernel allows no private /proc."""
        return self.shape.level

    @contextmanager
    def start(self, job: Job, *, talk: bool) -> Iterator[Running]:
        """Start a job; the namespace, the cgroup and all descriptors are gone on leaving."""
        plan = profile(job, self.shape)
        with ExitStack() as stack:
            group = stack.enter_context(sandbox_cgroup.group(job.limits, extra_bytes=plan.memory_bytes))
            info, info_end = os.pipe()
            stack.callback(os.close, info)
            block_end, block = os.pipe()
            stack.callback(os.close, block)
            # Held by bubblewrap too, the reading end keeps it from dying half-way when we do.
            ends = (info_end, block_end, os.dup(info))
            names = ("--info-fd", "--block-fd", "--sync-fd")
            head = [self.program, *(str(part) for pair in zip(names, ends, strict=True) for part in pair)]
            process = _spawn(head, plan.options, ends, talk=talk)
            running = _Contained(process, job.limits, group)
            stack.callback(running.close)
            _hand_over(running, info, block)
            if not talk and process.stdin is not None:
                process.stdin.close()
            yield running


def _spawn(
    head: list[str], options: tuple[str | bytes, ...], ends: tuple[int, ...], *, talk: bool
) -> subprocess.Popen[bytes]:
    """Start bubblewrap; `ends` and the descriptors made for bytes in `options` are closed on our side."""
    with ExitStack() as stack:
        passed = list(ends)
        for descriptor in ends:
            stack.callback(os.close, descriptor)
        argv = list(head)
        for option in options:
            if isinstance(option, bytes):
                passed.append(_memory_file(option))
                stack.callback(os.close, passed[-1])
            argv.append(str(passed[-1]) if isinstance(option, bytes) else option)
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if talk else subprocess.STDOUT,
                pass_fds=passed,
                env={MARK: owned_name()},
                start_new_session=True,
            )
        except OSError as error:
            raise Transient(f"bubblewrap can't be started: {error}", hint="Is it still installed?") from error


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("selfheal")
    with open(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _hand_over(running: _Contained, info: int, block: int) -> None:
    """Bound the job while bubblewrap waits, take hold of its folders, then let it go; raises `Transient`."""
    out, into = running.process.stdout, running.process.stdin
    if out is None or into is None:
        raise Transient("bubblewrap was started without pipes")
    said = b""
    try:
        running.adopt(_child(info))
        os.write(block, b"x")
        said = _line(out.fileno())
        if said == READY:
            running.hold()
            into.write(b"go\n")
            into.flush()
            return
    except OSError as error:  # it ended, at whatever point
        said = said or str(error).encode()
    running.kill()
    text = (out.read(500) or said).decode(errors="replace").strip() or "it said nothing"
    raise Transient(f"bubblewrap did not start: {text}", hint="`selfheal doctor` tries every level and says why.")


def _child(info: int) -> int:
    """Return the process id, as we see it, of the namespace's first process; raises `ProcessLookupError`."""
    text = b""
    while not text.rstrip().endswith(b"}"):
        data = os.read(info, 4096) if readable(info, _START_SECONDS) else b""
        if not data:
            raise ProcessLookupError("no process was started")
        text += data
    return int(json.loads(text)["child-pid"])


def _line(descriptor: int) -> bytes:
    """Return the first line of an output, or what there is of it when it ends early."""
    line, end = b"", time.monotonic() + _START_SECONDS
    while not line.endswith(b"\n") and readable(descriptor, end - time.monotonic()):
        data = os.read(descriptor, 1)
        if not data:
            break
        line += data
    return line
