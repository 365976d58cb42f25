"""Executions in and out of their usual course: late, doubled, overlapping, cut off, and many of them."""

import json
import random
from pathlib import Path

import pytest

from bot.model import TelemetryMetrics
from bot.telemetry import metrics_of
from bot.telemetry.collect import Collector
from bot.telemetry.dialects.beats import batches, events
from bot.telemetry.summary import summarised
from tests.telemetry.test_metrics import declared, event, run, written

Event = dict[str, object]
DECLARED = {"order": declared("a", "b", "c")}


def summed(tmp_path: Path, *files: list[Event], known: bool = True) -> TelemetryMetrics:
    paths = [written(tmp_path, found, f"{number}.jsonl") for number, found in enumerate(files)]
    return metrics_of(paths, DECLARED.values() if known else ())


def many(count: int, orders: str = "abc") -> list[Event]:
    return [one for number in range(count) for one in run(number, orders, number * 0.7)]


def same(first: TelemetryMetrics, second: TelemetryMetrics) -> None:
    drop = {"dropped", "event_count"}
    assert first.model_dump(exclude=drop) == second.model_dump(exclude=drop)


def test_late_events_change_nothing(tmp_path: Path) -> None:
    found = sorted(many(40), key=lambda one: str(one["timestamp"]))
    late = found[:]
    random.Random(5).shuffle(late)
    same(summed(tmp_path, found), summed(tmp_path, late))
    assert summed(tmp_path, late).sequences["order"].violations == 0


def test_a_log_read_twice_counts_once(tmp_path: Path) -> None:
    found = many(30)
    twice = summed(tmp_path, found, found)
    same(summed(tmp_path, found), twice)
    assert twice.dropped == {"duplicate": len(found)}


def test_the_typed_and_the_plain_way_of_reading_agree(tmp_path: Path) -> None:
    path = written(tmp_path, many(30) + run(99, "acb", 50))
    typed, plain = Collector(DECLARED), Collector(DECLARED)
    for batch in batches(path, typed.partial.dropped):
        typed.take(batch)
    plain.take(list(events(path, plain.partial.dropped)))
    assert summarised(typed.finish(), DECLARED) == summarised(plain.finish(), DECLARED)


def test_files_read_apart_add_up_to_the_same(tmp_path: Path) -> None:
    found = sorted(many(40), key=lambda one: str(one["timestamp"]))
    apart = []
    for number, part in enumerate((found[:100], found[100:])):
        collector = Collector(DECLARED)
        for batch in batches(written(tmp_path, part, f"part{number}"), collector.partial.dropped):
            collector.take(batch)
        apart.append(collector.finish())
    apart[0].add(apart[1])
    together = summed(tmp_path, found)
    merged = summarised(apart[0], DECLARED)
    assert merged.sequences["order"].orders == together.sequences["order"].orders
    assert merged.sequences["order"].violations == 0
    assert {n: (h.count, h.p50, h.errorRate) for n, h in merged.handlers.items()} == {
        n: (h.count, h.p50, h.errorRate) for n, h in together.handlers.items()
    }


def test_an_execution_that_an_end_of_the_log_cuts_is_no_violation(tmp_path: Path) -> None:
    whole = [one for number in range(5) for one in run(number, "abc", number * 10)]
    head, tail = run(90, "bc", 0.1), run(91, "ab", 41)
    found = summed(tmp_path, head + whole + tail)
    assert (found.sequences["order"].violations, found.sequences["order"].count) == (0, 5)
    assert found.dropped == {"cut off by an end of the log": 2}
    middle = summed(tmp_path, whole + run(92, "ab", 22) + run(93, "bc", 22))
    assert middle.sequences["order"].violations == 2


def test_a_completed_execution_that_goes_on_is_judged_as_a_whole(tmp_path: Path) -> None:
    found = run(1, "abc", 0) + run(1, "c", 10)
    assert summed(tmp_path, found).sequences["order"].examples[0].script == ("repeated c (seen 2 times)",)
    failing = [*run(1, "abc", 0), event(20, "error", "c", sequence="order", execution="x1", error="E: late")]
    metrics = summed(tmp_path, failing)
    assert metrics.sequences["order"].errorRate == 1.0
    assert metrics.sequences["order"].count == 1


def test_beats_that_overlap_are_ordered_by_their_start(tmp_path: Path) -> None:
    names = {"sequence": "order", "execution": "x"}
    found = [
        event(0, "beat-started", "a", **names),
        event(1, "beat-started", "b", **names),
        event(2, "beat-completed", "a", duration_ms=1, **names),
        event(3, "beat-completed", "b", duration_ms=1, **names),
        event(4, "beat-started", "c", **names),
        event(5, "error", "c", error="E: x", **names),
        event(6, "beat-completed", "c", duration_ms=1, **names),
    ]
    metrics = summed(tmp_path, found)
    assert metrics.sequences["order"].violations == 0
    assert {name: (one.count, one.errorRate) for name, one in metrics.handlers.items()} == {
        "a": (1, 0.0),
        "b": (1, 0.0),
        "c": (1, 1.0),
    }


def test_ends_alone_give_the_order_too(tmp_path: Path) -> None:
    found = [one for one in run(1, "abc", 0) + run(2, "acb", 10) if one["event"] == "beat-completed"]
    metrics = summed(tmp_path, found + found[:2])
    assert metrics.sequences["order"].orders == ((("a", "b", "c"), 1), (("a", "c", "b"), 1))
    assert metrics.dropped == {"duplicate": 2}


def test_times_of_whole_seconds_keep_the_order_of_arrival(tmp_path: Path) -> None:
    found = [{**one, "timestamp": "2024-05-01T12:00:00Z"} for one in run(1, "abc", 0) + run(2, "abc", 0)]
    metrics = summed(tmp_path, found, found[:3])
    assert metrics.sequences["order"].orders == ((("a", "b", "c"), 2),)
    assert metrics.dropped == {"duplicate": 3}


@pytest.mark.parametrize("form", ["{}Z", "{}+00:00", "{}.5Z", "{}.123456789Z"])
def test_fractions_of_any_length_are_compared_as_times(tmp_path: Path, form: str) -> None:
    found = run(1, "abc", 0)
    for number, one in enumerate(found):
        one["timestamp"] = form.format(f"2024-05-01T12:00:{number:02d}")
    found[0]["timestamp"] = "2024-05-01T12:00:00.25Z"
    assert summed(tmp_path, found).sequences["order"].orders == ((("a", "b", "c"), 1),)


def test_silent_executions_are_closed_on_the_way(tmp_path: Path) -> None:
    path = written(tmp_path, [{**one, "sequence": "other"} for one in many(2000)])
    collector = Collector({})
    for batch in batches(path, collector.partial.dropped):
        collector.take(batch)
    assert sum(len(flow.open) for flow in collector._flows.values()) < 1500
    assert summarised(collector.finish(), {}).sequences["other"].orders == ((("a", "b", "c"), 2000),)


def test_a_runaway_execution_is_followed_only_so_far(tmp_path: Path) -> None:
    names = {"sequence": "order", "execution": "x"}
    found = [event(n * 0.001, "beat-completed", f"h{n % 7}", duration_ms=1, **names) for n in range(12_000)]
    metrics = summed(tmp_path, found[::-1], known=False)
    assert sum(one.count for one in metrics.handlers.values()) == 12_000
    assert metrics.sequences["order"].count == 1


def test_events_of_another_kind_are_kept_out_of_orders(tmp_path: Path) -> None:
    found = [*run(1, "abc", 0), event(1.2, "checkpoint", "b", sequence="order", execution="x1")]
    metrics = summed(tmp_path, found)
    assert metrics.event_count == 7
    assert metrics.sequences["order"].orders == ((("a", "b", "c"), 1),)


def test_an_execution_without_a_sequence_has_handlers_only(tmp_path: Path) -> None:
    found = [{**one, "sequence": ""} for one in run(1, "ab", 0) * 2]
    metrics = summed(tmp_path, found)
    assert metrics.sequences == {}
    assert metrics.handlers["a"].count == 1
    assert metrics.dropped == {"duplicate": 4}


def test_starts_and_errors_without_an_execution_are_one_execution(tmp_path: Path) -> None:
    found = [
        event(0, "beat-started", "a"),
        event(1, "error", "a", error="E: x"),
        event(2, "beat-completed", "a", duration_ms=1),
        event(3, "beat-started", "a"),
        event(4, "error", "a", error="E: x"),
    ]
    one = summed(tmp_path, found).handlers["a"]
    assert (one.count, one.errorRate) == (2, 1.0)


def test_a_line_of_another_type_does_not_spoil_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    lines = [json.dumps(one) for one in run(1, "abc", 0)]
    lines.insert(2, json.dumps({**event(0.1, "beat-completed", "z"), "timestamp": 1714564800, "execution": 7}))
    lines.insert(4, json.dumps(event(0.1, "beat-completed", "z", duration_ms=-1)))
    path.write_text("\n".join(lines), encoding="utf-8")
    metrics = metrics_of([path], DECLARED.values())
    assert metrics.sequences["order"].orders == ((("a", "b", "c"), 1),)
    assert (metrics.handlers["z"].count, metrics.handlers["z"].avgTime) == (2, 0.0)
