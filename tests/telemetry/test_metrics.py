"""Events into metrics: counts, times, rates, orders; the same whatever the dialect and however the files are split."""

import json
import random
from pathlib import Path

import pytest

from bot.errors import Misconfigured
from bot.model import Sequence, TelemetryMetrics
from bot.telemetry import metrics_of
from bot.telemetry.declared import read_sequences, sequence_files
from bot.telemetry.orders import departure

START = 1_714_564_800


def event(second: float, kind: str, handler: str, **more: object) -> dict[str, object]:
    minute, rest = divmod(second, 60)
    stamp = f"2024-05-01T12:{int(minute):02d}:{rest:06.3f}Z"
    return {"timestamp": stamp, "event": kind, "handler": handler, **more}


def run(number: int, beats: str, at: float, *, duration: float = 5.0) -> list[dict[str, object]]:
    found = []
    for place, name in enumerate(beats):
        more: dict[str, object] = {"sequence": "order", "execution": f"x{number}", "beat": place + 1}
        found.append(event(at + place, "beat-started", name, **more))
        found.append(event(at + place + 0.5, "beat-completed", name, duration_ms=duration, **more))
    return found


def written(tmp_path: Path, events: list[dict[str, object]], name: str = "events.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    return path


def declared(*handlers: str, **flags: dict[str, object]) -> Sequence:
    beats = [
        {"beat": n, "event": f"{h}.done", "handler": h, "kind": "pure", "timing": "after-beat", **flags.get(h, {})}
        for n, h in enumerate(handlers, 1)
    ]
    return Sequence.model_validate(
        {"id": "order", "name": "Order", "movements": [{"id": "m", "name": "M", "beats": beats}]}
    )


def test_a_handler_has_count_times_rate_and_last_seen(tmp_path: Path) -> None:
    events = [event(n, "beat-completed", "pay", duration_ms=float(n + 1)) for n in range(100)]
    events += [event(100.25, "error", "pay", error="ValueError: 7")]
    handler = metrics_of([written(tmp_path, events)]).handlers["pay"]
    assert handler.count == 101
    assert handler.avgTime == pytest.approx(50.5)
    assert (handler.p50, handler.p95Time, handler.p99Time) == pytest.approx((50.5, 95.05, 99.01))
    assert handler.errorRate == pytest.approx(1 / 101)
    assert handler.lastSeen == "2024-05-01T12:01:40.250Z"
    assert [(w.start, w.count, w.errors) for w in handler.windows] == [(START, 60, 0), (START + 60, 41, 1)]


def test_an_error_within_a_beat_is_one_execution(tmp_path: Path) -> None:
    events = [
        event(0, "beat-started", "pay", execution="a"),
        event(1, "error", "pay", execution="a", error="E: 1"),
        event(2, "beat-completed", "pay", execution="a", duration_ms=3),
        event(3, "beat-started", "pay", execution="b"),
        event(4, "error", "pay", execution="b", error="E: 2"),
        event(5, "beat-completed", "pay", execution="c", error="E: 3"),
    ]
    metrics = metrics_of([written(tmp_path, events)])
    assert (metrics.handlers["pay"].count, metrics.handlers["pay"].errorRate) == (3, 1.0)
    assert [(error.count, error.exception, error.message) for error in metrics.errors] == [(3, "E", "1")]


def test_orders_of_interleaved_executions_are_kept_apart(tmp_path: Path) -> None:
    events = run(1, "abc", 0) + run(2, "abc", 0.25) + run(3, "acb", 0.3)
    random.Random(7).shuffle(events)
    found = metrics_of([written(tmp_path, events)], [declared("a", "b", "c")]).sequences["order"]
    assert found.orders == ((("a", "b", "c"), 2), (("a", "c", "b"), 1))
    assert (found.count, found.beats, found.violations) == (3, ("a", "b", "c"), 1)
    assert found.avgTime == pytest.approx(2500)
    assert found.examples[0].execution == "x3"
    assert found.examples[0].script == ("swapped b and c",)


def test_a_failed_execution_may_stop_anywhere_and_teaches_no_order(tmp_path: Path) -> None:
    events = [*run(1, "ab", 0), event(2, "error", "b", sequence="order", execution="x1", error="E: no")]
    found = metrics_of([written(tmp_path, events)], [declared("a", "b", "c")]).sequences["order"]
    assert (found.violations, found.errorRate, found.orders) == (0, 1.0, ())


def test_duplicates_count_once_and_repeats_twice(tmp_path: Path) -> None:
    once = run(1, "ab", 0)
    metrics = metrics_of([written(tmp_path, once + once)])
    assert metrics.handlers["a"].count == 1
    assert metrics.dropped == {"duplicate": 4}
    repeated = once + run(1, "a", 10)
    found = metrics_of([written(tmp_path, repeated)], [declared("a", "b")]).sequences["order"]
    assert found.examples[0].script == ("repeated a (seen 2 times)",)


def test_runs_without_an_execution_id_begin_where_the_first_beat_comes_again(tmp_path: Path) -> None:
    events = [{k: v for k, v in e.items() if k != "execution"} for e in run(1, "abc", 0) + run(2, "abc", 10)]
    found = metrics_of([written(tmp_path, events)]).sequences["order"]
    assert (found.count, found.orders) == (2, ((("a", "b", "c"), 2),))


def test_what_can_not_be_used_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path, [event(0, "beat-completed", "a"), {"timestamp": "soon", "event": "error", "handler": "a"}])
    with path.open("a", encoding="utf-8") as file:
        file.write(
            '{"timestamp": "2024-05-01T12:00:00Z", "event": "beat-completed", "handler": ""}\n{"event": 3}\n{"x\n'
        )
        file.write("[" * 100_000 + "\n")
    (tmp_path / "notes.txt").write_text("nothing here\n", encoding="utf-8")
    metrics = metrics_of([tmp_path])
    assert metrics.event_count == 1
    assert metrics.dropped == {"bad timestamp": 1, "no handler": 1, "not an event": 3, "not telemetry": 1}


def test_a_missing_path_is_an_error_that_names_it() -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        metrics_of([Path("/nowhere/at/all")])


def test_unknown_fields_and_aliases_are_understood(tmp_path: Path) -> None:
    line = {"ts": 1, "sequenceId": "order", "executionId": 7, "duration": "1.5 s", "beat": "2", "service": "web"}
    metrics = metrics_of([written(tmp_path, [event(0, "completed", "a", **line)])])
    assert metrics.handlers["a"].avgTime == 1500
    assert metrics.sequences["order"].count == 1


def test_recorded_calls_are_kept_with_arguments_and_result(tmp_path: Path) -> None:
    context = {"args": [1, "x"], "kwargs": {"k": None}, "result": {"ok": True}, "state": {"n": 1}}
    events = [event(n, "beat-completed", "a", context=context) for n in range(30)]
    events += [event(40, "beat-completed", "a", context={"args": ["y" * 30_000]})]
    metrics = metrics_of([written(tmp_path, events)])
    assert [(c.args, c.kwargs, c.result, c.state) for c in metrics.calls] == [
        ('[1,"x"]', '{"k":null}', '{"ok":true}', '{"n":1}')
    ]
    assert metrics.dropped == {"recorded call too large": 1}


def test_expected_times_come_from_the_declaration(tmp_path: Path) -> None:
    path = written(tmp_path, run(1, "ab", 0))
    metrics = metrics_of([path], [declared("a", "b", a={"expected_ms": 2})])
    assert (metrics.handlers["a"].expected_ms, metrics.handlers["b"].expected_ms) == (2, None)


def test_many_samples_become_a_sketch_within_one_percent(tmp_path: Path) -> None:
    chance = random.Random(3)
    values = [chance.lognormvariate(3, 0.5) for _ in range(20_000)]
    events = [event(n * 0.001, "beat-completed", "a", duration_ms=value) for n, value in enumerate(values)]
    handler = metrics_of([written(tmp_path, events)]).handlers["a"]
    exact = sorted(values)
    for seen, share in ((handler.p50, 0.5), (handler.p95Time, 0.95), (handler.p99Time, 0.99)):
        assert seen == pytest.approx(exact[int(share * len(exact))], rel=0.0101)
    assert handler.avgTime == pytest.approx(sum(values) / len(values))
    assert all(not window.samples and window.buckets for window in handler.windows)


def test_a_long_time_is_kept_in_few_windows(tmp_path: Path) -> None:
    events = [{**event(0, "beat-completed", "a"), "timestamp": START + 60 * n, "duration_ms": 1} for n in range(1000)]
    handler = metrics_of([written(tmp_path, events)]).handlers["a"]
    assert len(handler.windows) <= 64
    assert sum(window.count for window in handler.windows) == 1000


TEXT = """2024-05-01 12:00:00,000 INFO handler=pay duration=12.9ms ok
2024-05-01 12:00:01,000 ERROR handler=pay failed
Traceback (most recent call last):
  File "/app/pay.py", line 3, in pay
    raise ValueError("no 7")
ValueError: no 7
2024-05-01 12:00:02,000 INFO handler: pay, duration: 0.5s
2024-05-01 12:00:03,000 DEBUG nothing to see
ts=2024-05-01T12:00:04Z level=info handler="pay" duration_us=1500 sequence=order execution=7 beat=1
"""


def test_text_lines_have_decimals_units_and_one_event_for_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(TEXT, encoding="utf-8")
    metrics = metrics_of([tmp_path / "app.log"])
    handler = metrics.handlers["pay"]
    assert handler.count == 4
    assert sorted(s for w in handler.windows for s in w.samples) == pytest.approx([1.5, 12.9, 500])
    assert [(error.exception, error.count) for error in metrics.errors] == [("ValueError", 1)]
    assert metrics.sequences["order"].count == 1


ORDERS = [
    ("abc", {}, False, None),
    ("ab", {}, False, ("missing c (beat 3)",)),
    ("ab", {}, True, None),
    ("ac", {}, True, ("missing b (beat 2)",)),
    ("acb", {}, False, ("swapped b and c",)),
    ("bac", {}, False, ("swapped a and b",)),
    ("cab", {}, False, ("moved c (belongs after b)",)),
    ("abbc", {}, False, ("repeated b (seen 2 times)",)),
    ("axbc", {}, False, ("extra x (after a)",)),
    ("xabc", {}, False, ("extra x (first)",)),
    ("ac", {"b": {"optional": True}}, False, None),
    ("acb", {"b": {"parallel": True}, "c": {"parallel": True}}, False, None),
    ("acb", {"b": {"timing": "async"}}, False, None),
    ("bac", {"b": {"timing": "async"}}, False, ("swapped a and b",)),
]


@pytest.mark.parametrize(("observed", "flags", "failed", "script"), ORDERS)
def test_departures_are_told_apart(
    observed: str, flags: dict[str, dict[str, object]], failed: bool, script: tuple[str, ...] | None
) -> None:
    found = departure(declared("a", "b", "c", **flags), tuple(observed), failed=failed, execution="x")
    assert (found.script if found else None) == script


def test_the_first_divergence_is_a_place_in_the_order_seen() -> None:
    found = departure(declared("a", "b", "c"), ("a", "c"), failed=False)
    assert found is not None
    assert found.first_divergence == 1
    found = departure(declared("a", "b", "c"), ("a", "b"), failed=False)
    assert found is not None
    assert found.first_divergence == 2


def test_sequence_files_are_read_and_wrong_ones_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(declared("a").as_json(), encoding="utf-8")
    (tmp_path / "b.json").write_text('{"id": "x", "name": "X", "movements": []}', encoding="utf-8")
    (tmp_path / "schema.json").write_text("{}", encoding="utf-8")
    found, refused = read_sequences(sequence_files(tmp_path))
    assert [sequence.id for sequence in found] == ["order"]
    assert len(refused) == 1
    assert refused[0].startswith("b.json, field movements")
    assert sequence_files(tmp_path / "a.json") == (tmp_path / "a.json",)


def test_metrics_survive_json(tmp_path: Path) -> None:
    metrics = metrics_of([written(tmp_path, run(1, "abc", 0))], [declared("a", "b", "c")])
    assert TelemetryMetrics.model_validate_json(metrics.as_json()) == metrics
