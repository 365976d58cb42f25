"""Sums and sketches: adding is the same in any order, and quantiles stay within one percent."""

import random

import pytest

from bot.model import RecordedCall, StateChange
from bot.telemetry import partials, sketch, summary
from bot.telemetry.partials import ErrorPart, HandlerPart, Partial
from bot.telemetry.times import Times

MINUTE = 60.0


def filled(seed: int, minutes: int = 3, each: int = 50) -> HandlerPart:
    chance, part = random.Random(seed), HandlerPart()
    for minute in range(minutes):
        window = part.turn(f"m{minute}", minute * MINUTE)
        window.samples.extend(chance.lognormvariate(3, 0.4) for _ in range(each))
        window.errors += seed % 3
        window.untimed += 1
    part.last = f"2024-05-01T12:0{seed}:00.000Z"
    return part


def shape(part: HandlerPart) -> list[tuple[int, int, int, float]]:
    return [(key, p.count, p.errors, pytest.approx(p.total_ms)) for key, p in sorted(part.parts.items())]


def test_adding_handlers_does_not_depend_on_the_order() -> None:
    first, second = filled(1), filled(2)
    first.add(filled(2))
    second.add(filled(1))
    assert shape(first) == shape(second)
    assert first.last == second.last == "2024-05-01T12:02:00.000Z"


def test_parts_of_different_widths_are_added_at_the_wider_one() -> None:
    wide, narrow = filled(1, minutes=200), filled(2, minutes=3)
    assert wide.width == 4 * MINUTE
    total = sum(p.count for p in wide.parts.values()) + sum(p.count for p in narrow.parts.values())
    narrow.add(wide)
    assert narrow.width == 4 * MINUTE
    assert sum(p.count for p in narrow.parts.values()) == total
    again = filled(3, minutes=3)
    wide.add(again)
    assert len(wide.parts) <= 64


def test_two_long_times_side_by_side_need_wider_windows() -> None:
    early, late = filled(1, minutes=60), HandlerPart()
    for minute in range(100, 160):
        late.turn(f"m{minute}", minute * MINUTE).samples.append(1.0)
    early.add(late)
    assert len(early.parts) <= 64
    assert early.width == 2 * MINUTE * 2 or early.width == 2 * MINUTE


def test_many_samples_become_buckets_and_go_on_growing() -> None:
    part = filled(1, minutes=1, each=1500)
    part.settle()
    (window,) = part.parts.values()
    assert (len(window.samples), window.timed) == (0, 1500)
    part.push(20.0)
    part.settle()
    assert window.timed == 1501
    other = filled(2, minutes=1, each=2000)
    other.settle()
    part.add(other)
    assert window.timed == 3501
    assert sum(window.buckets.values()) == 3501


def test_sketches_are_within_one_percent_and_add_up() -> None:
    chance = random.Random(4)
    values = sorted(chance.lognormvariate(2, 1) for _ in range(5000))
    both = sketch.merged([sketch.buckets(values[:2000]), sketch.buckets(values[2000:])])
    assert both == sketch.buckets(values)
    for share in (0.0, 0.5, 0.95, 1.0):
        assert sketch.quantile(both, share) == pytest.approx(values[int(share * 4999)], rel=0.0101)
    assert sketch.quantile({}, 0.5) == 0.0
    assert sketch.value_of(max(sketch.buckets([0.0]))) == pytest.approx(sketch.LEAST, rel=0.02)


def test_calls_changes_errors_and_executions_add_up() -> None:
    def made(error: str) -> Partial:
        partial = Partial()
        partial.error("k", "a", ErrorPart("E", error, 1, 5.0 if error == "x" else 2.0, 6.0, error))
        partial.change(StateChange(handler="a", rule="frozen", field="f", before="1", after="2"))
        partial.call(RecordedCall(handler="a", args="[1]"))
        partial.call(RecordedCall(handler="a", args=f'["{error}"]'))
        partial.cut["s", "x1"] = [(error, 0, "a", "beat-started")]
        partial.sequence("s").order(("a",))
        partial.sequence("s").count += 1
        partial.events, partial.dropped["duplicate"] = 2, 1
        return partial

    total = made("x")
    total.add(made("y"))
    (error,) = total.errors.values()
    assert (error.count, error.first, error.last, error.example) == (2, 2.0, 6.0, "x")
    assert [change.count for change in total.changes.values()] == [2]
    assert [call.args for call in total.calls["a"]] == ["[1]", '["x"]', '["y"]']
    assert [event[0] for event in total.cut["s", "x1"]] == ["x", "y"]
    assert (total.sequences["s"].count, total.sequences["s"].orders) == (2, {("a",): 2})
    assert (total.events, total.dropped) == (4, {"duplicate": 2})


def test_of_too_many_orders_changes_and_examples_the_first_are_kept() -> None:
    partial = Partial()
    for number in range(1_100):
        partial.sequence("s").order((str(number),))
        partial.change(StateChange(handler=str(number), rule="pure", field="f", before="", after=""))
    assert len(partial.sequence("s").orders) == 200
    assert len(partial.changes) == 1_000


def test_times_keep_one_width_and_survive_garbage() -> None:
    times = Times()
    assert times.text("2024-05-01T12:00:00.123Z") == "2024-05-01T12:00:00.123Z"
    assert times.text("2024-05-01T12:00:01Z") == "2024-05-01T12:00:01.000Z"
    assert times.text("2024-05-01T12:00:01.1239Z") == "2024-05-01T12:00:01.123Z"
    assert times.text(1_714_564_800) == "2024-05-01T12:00:00.000Z"
    assert times.text("garbage") is None
    assert times.seconds("2024-05-01T12:00:0xZ") == 1_714_564_800.0


def test_of_very_many_durations_a_window_keeps_a_sketch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "MANY", 120)
    part = Partial()
    part.handlers["pay"] = filled(1, minutes=1, each=110)
    (few,) = summary.summarised(part, {}).handlers["pay"].windows
    part.handlers["ship"] = filled(2, minutes=1, each=110)
    (many,) = summary.summarised(part, {}).handlers["ship"].windows
    assert (len(few.samples), few.buckets) == (110, {})
    assert (many.samples, sum(many.buckets.values())) == ((), 110)


def test_durations_that_are_pushed_are_as_those_that_are_put_one_by_one() -> None:
    together, alone = HandlerPart(), HandlerPart()
    values = [float(n % 50) for n in range(5_000)]
    for minute in (0, 1, 0):
        together.turn(f"2024-05-01T12:0{minute}:00Z", minute * MINUTE)
        for value in values:
            together.push(value)
            alone.turn(f"2024-05-01T12:0{minute}:59Z", minute * MINUTE).samples.append(value)
    together.settle()
    alone.settle()
    assert shape(together) == shape(alone)
    assert sketch.buckets([float("nan"), -1.0]) == sketch.buckets([0.0, 0.0])
    assert sketch.buckets([]) == {}


@pytest.mark.parametrize(
    ("texts", "plain"),
    [
        (["2024-05-01T12:00:00.123Z", "2024-05-01T12:59:59.999Z"], True),
        (["2024-05-01T12:00:00.123Z", "2024-05-02T00:00:00.000Z"], True),
        (["2024-05-01T12:00:00.123Z", "2024-05-01T12:60:00.000Z"], False),
        (["2024-05-01T12:00:00.123Z", "2024-05-01T12:00:00.123456Z"], False),
        (["2024-05-01T12:00:00.123Z", "2024-05-01T12:00:00,123Z"], False),
        (["2024-05-01T12:00:00.123Z", "2024-05-01T12:00:00.12éZ"], False),
        (["2024-13-01T12:00:00.123Z", "2024-13-01T12:00:00.124Z"], False),
        (["soon"], False),
        ([], True),
    ],
)
def test_many_times_at_once_are_told_to_be_of_the_one_form(texts: list[str], plain: bool) -> None:
    assert Times().plain(texts) == plain


def test_of_very_many_windows_each_becomes_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partials, "ALL_WINDOWS", 20)
    partial = Partial(handlers={"pay": filled(1, minutes=30), "ship": filled(2, minutes=4)})
    partial.bound()
    assert [(part.width, len(part.parts)) for part in partial.handlers.values()] == [(120.0, 15), (120.0, 2)]
    partial.bound()
    assert partial.handlers["pay"].width == 120.0


def test_of_many_windows_the_later_ones_become_sketches_sooner() -> None:
    part = HandlerPart()
    for minute in range(60):
        part.turn(f"2024-05-01T12:{minute:02d}:00Z", minute * MINUTE).samples.extend([1.0] * 400)
    part.settle()
    assert [bool(window.buckets) for _, window in sorted(part.parts.items())] == [n > 23 and n < 59 for n in range(60)]
    assert all(window.timed == 400 for window in part.parts.values())
