"""Files that lie apart in time are read side by side, and the sums are the same."""

import gzip
from pathlib import Path

import pytest

from bot.model import EventStream
from bot.telemetry import metrics_of, parallel
from bot.telemetry.pipeline import read_in_order
from bot.telemetry.summary import summarised
from tests.telemetry.test_flows import DECLARED, many, same
from tests.telemetry.test_metrics import written


def day(tmp_path: Path, number: int, count: int = 20) -> Path:
    found = [{**one, "timestamp": str(one["timestamp"]).replace("-01T", f"-{number:02d}T")} for one in many(count)]
    return written(tmp_path, found, f"day{number}.jsonl")


def recipe(*paths: Path) -> EventStream:
    return EventStream(tuple((str(path), path.name, "beats") for path in paths))


def test_files_are_grouped_by_overlap_in_time(tmp_path: Path) -> None:
    first, second, third = day(tmp_path, 1), day(tmp_path, 2), day(tmp_path, 4)
    again = written(tmp_path, many(3), "again.jsonl")
    groups = parallel.apart(recipe(third, first, again, second))
    assert [[name for _, name, _ in group.files] for group in groups] == [
        ["day1.jsonl", "again.jsonl"],
        ["day2.jsonl"],
        ["day4.jsonl"],
    ]


def test_a_packed_or_empty_file_may_overlap_with_all(tmp_path: Path) -> None:
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(day(tmp_path, 9).read_bytes()))
    (tmp_path / "empty").write_bytes(b"")
    assert len(parallel.apart(recipe(day(tmp_path, 1), packed, day(tmp_path, 5)))) == 1
    assert len(parallel.apart(recipe(day(tmp_path, 1), tmp_path / "empty"))) == 1


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [day(tmp_path, 1, 500), day(tmp_path, 3, 500)]
    one = summarised(read_in_order(recipe(*paths), DECLARED), DECLARED)
    monkeypatch.setattr(parallel, "WORTH", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    two = metrics_of(paths, DECLARED.values())
    assert two.event_count == one.event_count == 6000
    same(two, one)
