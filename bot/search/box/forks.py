"""A fork that does one piece of work, reports in lines, and is killed when it goes quiet."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
from typing import Any, Callable, Iterator

from .swap import Json

Emit = Callable[[Json], None]


class Channel:
    """JSON objects, one a line, over a pair of file descriptors."""

    def __init__(self, read: int, write: int) -> None:
        self.read_fd, self.write_fd = read, write
        self.rest = b""

    def send(self, message: Json | None) -> None:
        """Write one message whole."""
        data = json.dumps(message).encode("utf-8", "surrogatepass") + b"\n"
        while data:
            data = data[os.write(self.write_fd, data) :]

    def receive(self, patience: float) -> Any:
        """Return the next message; None when the other side is gone, TimeoutError after `patience` seconds."""
        while b"\n" not in self.rest:
            if patience and not select.select([self.read_fd], [], [], patience)[0]:
                raise TimeoutError
            data = os.read(self.read_fd, 1 << 16)
            if not data:
                return None
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line.decode("utf-8", "surrogatepass"))

    def close(self) -> None:
        """Close both ends that are ours."""
        for fd in {self.read_fd, self.write_fd}:
            os.close(fd)


def _limit_memory(megabytes: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def start(work: Callable[[Channel], None], keep: int = 0) -> tuple[int, Channel]:
    """Fork a child that does `work` and ends; return its process id and the channel to it."""
    down_read, down_write = os.pipe()
    up_read, up_write = os.pipe()
    gc.freeze()
    child = os.fork()
    if child:
        os.close(down_read)
        os.close(up_write)
        return child, Channel(up_read, down_write)
    try:
        os.setpgid(0, 0)
        os.close(up_read)
        os.close(down_write)
        if keep:
            _limit_memory(keep)
        work(Channel(down_read, up_write))
    finally:
        os._exit(0)


def kill(child: int) -> None:
    """End a child with its group and wait for it."""
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.waitpid(child, 0)


def lines(work: Callable[[Emit], None], patience: Callable[[], float], megabytes: int = 3072) -> Iterator[Json]:
    """Yield what `work` emits in a fork of its own; stop when it ends, dies or is quiet for longer than `patience`.

    The end is said with a last `null`: processes that the work leaves behind keep the pipe open after it.
    """

    def whole(up: Channel) -> None:
        work(up.send)
        up.send(None)

    child, channel = start(whole, megabytes)
    try:
        while True:
            message = channel.receive(patience())
            if message is None:
                return
            yield message
    except TimeoutError:
        return
    finally:
        kill(child)
        channel.close()


def messages(work: Callable[[Emit], None], patience: float) -> list[Json]:
    """Return all that `work` emitted in a fork of its own."""
    return list(lines(work, lambda: patience))
