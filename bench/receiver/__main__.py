"""The receiver under load, a bare FastAPI endpoint as its anchor in the same run: `python -m bench.receiver [PART]`.

Bars: nothing that was acknowledged is lost over 8 SIGKILLs under load; at least 0.10 of the anchor's request rate; 99 %
of answers within 100 ms at 100 requests a second; 5,000 waiting pull requests take no thread each, at most 60 MB above
idle, and less than 8 % of a core; an incident of seventy beats costs at most 200 ms of engine time.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import Engine, insert

from bench.receiver.engine import overhead
from bench.receiver.load import Tally, closed, opened
from bench.receiver.server import Server
from bot.adapters import schema
from bot.adapters.database import connect
from bot.adapters.workflows_dbos import Durable
from bot.serve.jobs import shipped
from bot.serve.watches import Watch

KILLS, WAITING, BATCH = 8, 5000, 100
SECONDS = 5.0
IDLE_SECONDS = 20.0


def rates(folder: Path) -> list[tuple[float, float]]:
    """Return requests a second, and the 99th percentile at 100 a second, of the anchor and of the App."""
    found = []
    for name in ("bare", "app"):
        (folder / name).mkdir()
        server = Server(folder / name, bare=name == "bare")
        server.start()
        asyncio.run(closed(server.port, 1.0))
        rate = len(asyncio.run(closed(server.port, SECONDS)).acknowledged) / SECONDS
        found.append((rate, asyncio.run(opened(server.port, 100, 2 * SECONDS)).percentile(0.99)))
        server.stop()
    return found


def kills(folder: Path) -> tuple[Tally, int, int]:
    """Return what was sent while the App was killed again and again, and how many were lost or have no job."""
    server, chance, whole = Server(folder), random.Random(1), Tally()
    server.start()
    for _ in range(KILLS):
        timer = threading.Timer(chance.uniform(0.3, 1.5), server.kill)
        timer.start()
        tally = asyncio.run(closed(server.port, 1.6, lines=16))
        timer.join()
        whole.acknowledged += tally.acknowledged
        whole.lost += tally.lost
        server.start()
    server.stop()
    with sqlite3.connect(folder / "state" / "selfheal.sqlite3") as database:
        kept = {row[0] for row in database.execute("SELECT id FROM sh_deliveries")}
        jobs = {row[0] for row in database.execute("SELECT workflow_uuid FROM workflow_status")}
    lost = sum(guid not in kept for guid in whole.acknowledged)
    return whole, lost, sum(f"delivery:{guid}" not in jobs for guid in kept)


def waiting(folder: Path) -> tuple[float, int, float]:
    """Return MB above idle, threads above idle and the share of a core with so many pull requests waiting."""
    server = Server(folder)
    server.start()
    time.sleep(3)
    memory, threads = server.memory, server.threads
    server.stop()
    park(folder / "state")
    server.start()
    time.sleep(20)  # the first look around after a start is over by then
    before, began = server.cpu(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    share = (server.cpu() - before) / (time.monotonic() - began)
    more = server.memory - memory, server.threads - threads
    server.stop()
    return *more, share


def park(state: Path) -> None:
    """Put so many sleeping watches into a state, each with what a real one holds."""
    engine = connect(f"sqlite:///{state / 'selfheal.sqlite3'}")
    durable = Durable(engine)
    durable.register("tick", lambda _data: None)
    durable.launch()
    body = json.dumps({"repository": "o/n", "sequences": shipped()})
    for begin in range(0, WAITING, BATCH):
        _park(engine, durable, body, range(begin, begin + BATCH))
    durable.stop()
    engine.dispose()


def _park(engine: Engine, durable: Durable, body: str, numbers: range) -> None:
    with engine.begin() as connection:
        for number in numbers:
            watch = Watch(f"bench:{number}", f"o/n{number}", number, "", 0, 0, {})
            row = {"id": watch.id, "repository": watch.repository, "number": number, "sha": "", "seq": 0, "tick": 0}
            connection.execute(insert(schema.watches).values(**row, closed=0, body=body))
            durable.start(watch.job(36_000.0), connection)


Row = tuple[str, float, bool | None]


def speed(folder: Path) -> list[Row]:
    """Return the rows of the request rates."""
    (bare, least), (own, p99) = rates(folder)
    return [
        ("requests/s, bare FastAPI", bare, None),
        ("requests/s, receiver", own, None),
        ("share of the bare rate", own / bare, own / bare >= 0.10),
        ("p99 at 100/s, bare FastAPI, ms", least * 1000, None),
        ("p99 at 100/s, receiver, ms", p99 * 1000, p99 < 0.1),
    ]


def durability(folder: Path) -> list[Row]:
    """Return the rows of the kills."""
    tally, lost, orphans = kills(folder)
    return [
        (f"acknowledged over {KILLS} SIGKILLs", len(tally.acknowledged), None),
        ("... of these lost", lost, lost == 0),
        ("... kept without a job", orphans, orphans == 0),
    ]


def patience(folder: Path) -> list[Row]:
    """Return the rows of what waits."""
    memory, threads, share = waiting(folder)
    return [
        (f"{WAITING} waiting: MB above idle", memory, memory <= 60),
        (f"{WAITING} waiting: threads above idle", threads, threads <= 16),
        (f"{WAITING} waiting: share of a core", share, share < 0.08),
    ]


def engine(folder: Path) -> list[Row]:
    """Return the row of the engine's cost."""
    seconds = overhead(folder)
    return [("engine time of 70 beats, CPU ms", seconds * 1000, seconds <= 0.2)]


PARTS = {part.__name__: part for part in (speed, durability, patience, engine)}


def main() -> None:
    """Measure the parts that are named, all by default; print a table, and end with 1 when a bar is missed."""
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for name in sys.argv[1:] or PARTS:
            folder = Path(scratch) / name
            folder.mkdir()
            for row, value, fine in PARTS[name](folder):
                good = good and fine is not False
                verdict = "" if fine is None else "ok" if fine else "MISSED"
                print(f"{row:36} {value:10.3f}  {verdict}", flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
