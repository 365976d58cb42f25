"""One file read in pieces comes to the same as read as a whole."""

import json
import random
from pathlib import Path

import pytest

from bot.model import EventStream, TelemetryMetrics
from bot.telemetry import metrics_of, parallel, pieces
from bot.telemetry.partials import Partial
from bot.telemetry.pipeline import read_in_order
from bot.telemetry.summary import summarised
from tests.telemetry.test_flows import DECLARED, Event, same
from tests.telemetry.test_metrics import run, written


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LEAST", 20_000)
    monkeypatch.setattr(pieces, "AHEAD", 3_000)
    monkeypatch.setattr(pieces, "ZONE", 5)
    monkeypatch.setattr("bot.telemetry.lines.CHUNK", 4_000)


def mixed(seed: int, count: int = 600) -> list[Event]:
    """Return executions beside one another: most in order, some swapped, cut short, doubled or late."""
    chance = random.Random(seed)
    found: list[tuple[float, Event]] = []
    for number in range(count):
        order = chance.choices(["abc", "acb", "ab", "abbc", "a"], [90, 3, 3, 2, 2])[0]
        for place, one in enumerate(run(number, order, number * 0.7)):
            arrives = number + place / 3 + chance.choice([0, 0, 0, 8])
            found.append((arrives, one))
            if chance.random() < 0.03:
                found.append((arrives + 2, one))
    return [one for _, one in sorted(found, key=lambda row: row[0])]


def whole(path: Path) -> TelemetryMetrics:
    stream = EventStream(((str(path), path.name, "beats"),))
    return summarised(read_in_order(stream, DECLARED), DECLARED)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [2, 5])
def test_pieces_add_up_to_the_whole(tmp_path: Path, seed: int, most: int) -> None:
    path = written(tmp_path, mixed(seed))
    found, total = pieces.pieces(path, most), Partial()
    assert len(found) == most
    for piece in found:
        total.add(pieces.read_piece(piece, DECLARED))
    apart, once = summarised(total, DECLARED), whole(path)
    same(apart, once)
    assert (apart.event_count, apart.dropped) == (once.event_count, once.dropped)
    assert once.sequences["order"].violations > 20


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, mixed(7))
    monkeypatch.setattr(parallel, "WORTH", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    same(metrics_of([path], DECLARED.values()), whole(path))


def test_bad_lines_in_the_zones_count_once(tmp_path: Path) -> None:
    path = written(tmp_path, mixed(3))
    path.write_text(path.read_text().replace("\n", "\n{bad\n"))
    total = Partial()
    for piece in pieces.pieces(path, 3):
        total.add(pieces.read_piece(piece, DECLARED))
    assert summarised(total, DECLARED).dropped == whole(path).dropped


def test_what_can_not_be_cut_is_read_as_a_whole(tmp_path: Path) -> None:
    assert pieces.pieces(written(tmp_path, mixed(1, 20)), 2) == []
    unnamed = [{key: value for key, value in one.items() if key != "execution"} for one in mixed(1)]
    assert pieces.pieces(written(tmp_path, unnamed, "unnamed.jsonl"), 2) == []
    long = tmp_path / "long.jsonl"
    long.write_text(json.dumps(mixed(1)[0]) + "\n" + "x" * 3_000_000)
    assert pieces.pieces(long, 2) == []
