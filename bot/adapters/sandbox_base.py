"""What all sandboxes share: a started job is supervised to its end or limit, and talked to line by line."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from bot.adapters.sandbox_cgroup import Group
from bot.adapters.sandbox_gather import gather
from bot.ports import Done, Job, Limits, SandboxLevel, Session

_POLL_SECONDS = 0.05
_LAST_WORDS_SECONDS = 0.5
_CHUNK = 1 << 16


class Running(ABC):
    """One started job: the process that speaks for it, and the folder (`tree` and `box` in it) it works in."""

    process: subprocess.Popen[bytes]
    folder: str
    group: Group

    @abstractmethod
    def kill(self) -> None:
        """End the job and everything it started; calling it twice does no harm."""

    @abstractmethod
    def exit_code(self) -> int:
        """Wait for the end and return the job's exit code, negative for a signal."""

    @abstractmethod
    def overstep(self) -> str:
        """Return which limit the job oversteps right now (processes, memory, disk), or an empty text."""


def readable(descriptor: int, seconds: float) -> bool:
    """Wait until a descriptor has something to read or is at its end; return False when time ran out first."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0, int(seconds * 1000))))


def close_pipes(process: subprocess.Popen[bytes]) -> None:
    """Close our ends of a process's input and output."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


class Pump:
    """Reads a job's output while its limits hold; `stopped` names the limit that ended it."""

    def __init__(self, running: Running, limits: Limits) -> None:
        self.running, self.limits = running, limits
        self.chunks: list[bytes] = []
        self.size = 0
        self.stopped = ""

    def run(self) -> bytes:
        """Return stdout and stderr as they came, at most the limit's bytes."""
        process = self.running.process
        assert process.stdout is not None  # noqa: S101 - every adapter starts its jobs with a pipe
        out = process.stdout.fileno()
        os.set_blocking(out, False)
        watcher = os.pidfd_open(process.pid)
        try:
            self._until_end(out, watcher, time.monotonic() + self.limits.seconds)
            self.running.kill()
            self._drain(out)
        finally:
            os.close(watcher)
        return b"".join(self.chunks)

    def _until_end(self, out: int, watcher: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(out, select.POLLIN)
        poll.register(watcher, select.POLLIN)
        checked = time.monotonic()
        while not self.stopped:
            left = min(deadline - time.monotonic(), _POLL_SECONDS)
            ready = dict(poll.poll(max(0, int(left * 1000))))
            if out in ready and not self._take(out):
                poll.unregister(out)
            elif watcher in ready:
                return
            now = time.monotonic()
            if now >= deadline:
                self.stopped = "time"
            elif now - checked >= _POLL_SECONDS:
                self.stopped, checked = self.stopped or self.running.overstep(), now

    def _take(self, out: int) -> bool:
        """Read what there is; return False at the end of the output."""
        try:
            data = os.read(out, _CHUNK)
        except BlockingIOError:
            return True
        room = self.limits.output_bytes - self.size
        self.chunks.append(data[:room])
        self.size += len(data)
        if len(data) > room:
            self.stopped = self.stopped or "output"
        return bool(data)

    def _drain(self, out: int) -> None:
        end = time.monotonic() + _LAST_WORDS_SECONDS
        while self.stopped != "output" and readable(out, end - time.monotonic()) and self._take(out):
            pass


class LineSession:
    """Lines to and from a running job; the job's own stderr goes nowhere."""

    def __init__(self, running: Running, limits: Limits) -> None:
        process = running.process
        assert process.stdin is not None  # noqa: S101 - every adapter starts its sessions with pipes
        assert process.stdout is not None  # noqa: S101
        self._to, self._from = process.stdin, process.stdout.fileno()
        self._rest = bytearray()
        self._looked = 0
        self._most = limits.output_bytes

    def send(self, line: bytes) -> None:
        """Write one line; a job that has ended is noticed by `receive`, not here."""
        with contextlib.suppress(BrokenPipeError):
            self._to.write(line + b"\n")
            self._to.flush()

    def receive(self, timeout: float) -> bytes | None:
        """Return the job's next line, or None when it ended, wrote too much in one line, or time passed."""
        deadline = time.monotonic() + timeout
        while (end := self._rest.find(b"\n", self._looked)) < 0:
            self._looked = len(self._rest)
            if self._looked > self._most or not readable(self._from, deadline - time.monotonic()):
                return None
            data = os.read(self._from, _CHUNK)
            if not data:
                return None
            self._rest += data
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        self._looked = 0
        return line


class BaseSandbox(ABC):
    """Runs jobs on top of `start`, which each level writes its own way."""

    @property
    @abstractmethod
    def level(self) -> SandboxLevel:
        """Return the level in force."""

    @abstractmethod
    def start(self, job: Job, *, talk: bool) -> AbstractContextManager[Running]:
        """Start a job (with a pipe to its input and stderr apart if `talk`); everything is gone on leaving."""

    def run(self, job: Job) -> Done:
        """Run `job` to its end or limit and return what it did."""
        with self.start(job, talk=False) as running:
            began = time.monotonic()
            pump = Pump(running, job.limits)
            output = pump.run()
            code = running.exit_code()
            seconds = time.monotonic() - began
            if not pump.stopped and code == -signal.SIGKILL and running.group.starved():
                pump.stopped = "memory"
            elif not pump.stopped and code == -signal.SIGXCPU:
                pump.stopped = "time"
            files = gather(running.folder, job.collect, job.tree, job.files)
        return Done(
            exit_code=code,
            seconds=seconds,
            output=output,
            level=self.level,
            timed_out=pump.stopped == "time",
            truncated=pump.stopped == "output",
            files=files,
            stopped=pump.stopped,
        )

    @contextmanager
    def session(self, job: Job) -> Iterator[Session]:
        """Start `job` and talk to it; it is killed at its time limit, and with its whole tree on leaving."""
        over = threading.Event()
        with self.start(job, talk=True) as running:
            guard = threading.Thread(target=_guard, args=(running, job.limits, over), daemon=True)
            guard.start()
            try:
                yield LineSession(running, job.limits)
            finally:
                over.set()
                guard.join()
                running.kill()


def _guard(running: Running, limits: Limits, over: threading.Event) -> None:
    """Kill a session's job at its limits; ends when `over` is set."""
    deadline = time.monotonic() + limits.seconds
    while not over.wait(_POLL_SECONDS):
        if time.monotonic() >= deadline or running.overstep():
            running.kill()
            return
