"""Telemetry made up for the benchmark: interleaved executions of declared sequences, with what real streams have.

Of the executions 0.5 % depart from the declared order, 0.5 % send one event twice and 0.5 % send one late by seconds;
a tenth of the handlers fails in 2 % of its runs. The same size gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bot.model import Sequence

START = 1_772_438_400.0
HANDLERS, SEQUENCES = 200, 40
APART = 0.01  # seconds between the beginnings of two executions, on average
ODD = 0.005  # share of the executions of each of the three oddities
FAILING, RATE = 10, 0.02  # one in ten handlers fails, at this rate
BLOCK = 2_000  # executions made at once


class Event(NamedTuple):
    """One event: when it is written and when it happened (UTC seconds since 1970), and what it says."""

    written: float
    at: float
    kind: str
    sequence: str
    execution: str
    beat: int
    handler: str
    duration: float


@dataclass(frozen=True)
class Made:
    """What was written: the file, its size in bytes, its events (duplicates included), and the departures put in."""

    path: Path
    size: int
    events: int
    departures: int


def sequences() -> list[Sequence]:
    """Return the forty declared sequences of three to twelve beats each, over two hundred handlers."""
    chance, found = np.random.default_rng(11), []
    for number in range(SEQUENCES):
        names = [f"shop.handler_{n:03d}" for n in chance.choice(HANDLERS, 3 + number % 10, replace=False)]
        beats = [
            {"beat": n, "event": f"{name}.done", "handler": name, "kind": "pure", "timing": "after-beat"}
            for n, name in enumerate(names, 1)
        ]
        movements = [{"id": "m", "name": "M", "beats": beats}]
        name = f"sequence-{number:02d}"
        found.append(Sequence.model_validate({"id": name, "name": name, "movements": movements}))
    return found


def json_lines(path: Path, size: int) -> Made:
    """Write beat events as JSON lines until the file has about `size` bytes."""
    return _written(path, size, _json_line)


def text_lines(path: Path, size: int) -> Made:
    """Write the ends and errors of the same events as lines of a text log until the file has about `size` bytes."""
    return _written(path, size, _text_line)


def _written(path: Path, size: int, line: Callable[[Event], str]) -> Made:
    stream, done, count = Stream(), 0, 0
    with path.open("wb") as file:
        for block in stream.blocks():
            data = "".join(map(line, block)).encode()
            file.write(data)
            done, count = done + len(data), count + len(block)
            if done >= size:
                break
    return Made(path, done, count, stream.departures)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json_line(event: Event) -> str:
    more = ""
    if event.kind == "beat-completed":
        more = f',"duration_ms":{event.duration:.3f}'
    elif event.kind == "error":
        more = ',"error":{"type":"TimeoutError","message":"no answer from 10.0.3.17"}'
    return (
        f'{{"timestamp":"{_stamp(event.at)}","event":"{event.kind}","sequence":"{event.sequence}",'
        f'"execution":"{event.execution}","beat":{event.beat},"handler":"{event.handler}"{more},"service":"shop"}}\n'
    )


def _text_line(event: Event) -> str:
    if event.kind == "beat-started":
        return ""
    start = f"{_stamp(event.at)[:-1].replace('T', ' ')} "
    names = f"handler={event.handler} sequence={event.sequence} execution={event.execution}"
    if event.kind == "error":
        return f"{start}ERROR shop.worker: {names} failed: no answer from 10.0.3.17\n"
    return f"{start}INFO shop.worker: {names} duration={event.duration:.3f}ms\n"


class Stream:
    """An endless stream of events in the order in which they are written."""

    def __init__(self) -> None:
        self.departures = 0
        self._chance = np.random.default_rng(7)
        self._orders = [(one.id, [beat.handler for beat in one.beats]) for one in sequences()]
        self._levels = self._chance.lognormal(3, 0.6, HANDLERS)
        self._number = 0

    def blocks(self) -> Iterator[list[Event]]:
        """Yield events of some thousands of executions at once; those that reach beyond wait for the next block."""
        rest: list[Event] = []
        while True:
            events = sorted(rest + [event for _ in range(BLOCK) for event in self._execution()])
            end = START + self._number * APART
            cut = next((n for n, event in enumerate(events) if event.written >= end), len(events))
            rest = events[cut:]
            yield events[:cut]

    def _execution(self) -> Iterator[Event]:
        chance, number = self._chance, self._number
        self._number += 1
        name, order = self._orders[int(chance.integers(0, SEQUENCES))]
        order, execution = self._departed(order), f"{number * 2654435761 % (1 << 64):016x}"
        odd, spot = chance.random(), int(chance.integers(0, 2 * len(order)))
        at = START + (number + float(chance.random())) * APART
        noise, gaps = chance.lognormal(0, 0.3, len(order)), chance.exponential(0.05, len(order))
        failures = chance.random(len(order))
        for place, handler in enumerate(order):
            which = int(handler[-3:])
            took = float(self._levels[which] * noise[place])
            failed = which % FAILING == 0 and failures[place] < RATE
            done = at + took / 1e3
            end = "error" if failed else "beat-completed"
            for turn, (moment, kind) in enumerate(((at, "beat-started"), (done, end))):
                late = 2 * place + turn == spot
                written = moment + 3 * (late and ODD <= odd < 2 * ODD)
                event = Event(written, moment, kind, name, execution, place + 1, handler, took)
                yield event
                if late and odd < ODD:
                    yield event._replace(written=moment + 1)
            if failed:
                return
            at = done + float(gaps[place])

    def _departed(self, order: list[str]) -> list[str]:
        if self._chance.random() >= ODD:
            return order
        self.departures += 1
        place, kind = int(self._chance.integers(0, len(order) - 1)), int(self._chance.integers(0, 3))
        changed = (order[place : place + 2][::-1], [order[place + 1]], [order[place], order[place], order[place + 1]])
        return order[:place] + changed[kind] + order[place + 2 :]
