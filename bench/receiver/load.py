"""Load on a receiver: signed deliveries over kept connections, as many as it takes, or so many a second."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field

from bench.receiver.server import SECRET

BODY = json.dumps(
    {"ref": "refs/heads/other", "repository": {"full_name": "o/n", "default_branch": "main"}, "pad": "x" * 12_000}
).encode()
SIGNATURE = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


@dataclass
class Tally:
    """What came back: ids that were acknowledged, the seconds each answer took, and what was no 202."""

    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    lost: int = 0

    def percentile(self, share: float) -> float:
        """Return a percentile of the answers' seconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def head(guid: str) -> bytes:
    """Return the head of one request."""
    lines = (
        "POST /webhook HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        "X-GitHub-Event: push",
        f"X-GitHub-Delivery: {guid}",
        f"X-Hub-Signature-256: {SIGNATURE}",
        f"Content-Length: {len(BODY)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


class Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, tally: Tally) -> None:
        """Send one delivery and note what came of it."""
        guid, began = str(uuid.uuid4()), time.perf_counter()
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._writer.write(head(guid) + BODY)
            await self._writer.drain()
            answer = await self._reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            tally.lost += 1
            self._writer = None
            await asyncio.sleep(0.02)
            return
        tally.seconds.append(time.perf_counter() - began)
        if answer.startswith(b"HTTP/1.1 202"):
            tally.acknowledged.append(guid)
        else:
            tally.refused += 1


async def closed(port: int, seconds: float, lines: int = 32) -> Tally:
    """Send as fast as answers come, on so many connections, for so long."""
    tally, end = Tally(), time.monotonic() + seconds

    async def work() -> None:
        line = Line(port)
        while time.monotonic() < end:
            await line.send(tally)

    await asyncio.gather(*(work() for _ in range(lines)))
    return tally


async def opened(port: int, rate: float, seconds: float, lines: int = 32) -> Tally:
    """Send so many a second, evenly, whatever the answers do; the seconds count from when each was due."""
    tally, free = Tally(), asyncio.Queue[Line]()
    for _ in range(lines):
        free.put_nowait(Line(port))
    began = time.perf_counter()

    async def one(due: float) -> None:
        line = await free.get()
        late = time.perf_counter() - due
        await line.send(tally)
        tally.seconds[-1] += late if tally.seconds else 0.0
        free.put_nowait(line)

    tasks = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return tally
