"""The quick way of reading and the thorough one say the same of any stream, however odd."""

import random
from pathlib import Path

import pytest

from bot.model import Sequence, TelemetryMetrics
from bot.telemetry import lanes
from bot.telemetry.collect import Collector
from bot.telemetry.dialects.beats import batches, events
from bot.telemetry.summary import summarised
from tests.telemetry.test_metrics import declared, written

ORDERS = {"order": "abc", "pay": "bd", "ship": "adcbe", "loose": "ca", "again": "aba"}
DECLARED: dict[str, Sequence] = {
    name: declared(*handlers).model_copy(update={"id": name}) for name, handlers in ORDERS.items() if name != "loose"
}
Event = dict[str, object]
START = 1_714_564_790  # ten seconds before a full minute


def stamp(chance: random.Random, second: float, form: int) -> object:
    minute, rest = divmod(second, 60)
    time = f"2024-05-01T{12 + int(minute) // 60:02d}:{int(minute) % 60:02d}:{rest:0{3 + form}.{form}f}Z"
    odd = chance.random()
    if odd < 0.004:
        return chance.choice(
            ["soon", "2024-05-01T12:00:0x.123Z", "2024-13-01T12:00:00.123Z", time[:-1], START + second]
        )
    return time


def execution(chance: random.Random, number: int, form: int) -> list[tuple[float, Event]]:
    name = chance.choice(list(ORDERS))
    handlers = list(ORDERS[name])
    at, found = number * 0.4 + chance.random(), []
    if chance.random() < 0.05:
        chance.shuffle(handlers)
    if chance.random() < 0.03:
        handlers = handlers[: chance.randrange(1, len(handlers) + 1)]
    base = {"sequence": name, "execution": f"x{number if chance.random() > 0.02 else number // 7}"}
    for beat, handler in enumerate(handlers, 1):
        failed = chance.random() < 0.03
        more: Event = {"duration_ms": round(chance.lognormvariate(2, 1), 3)}
        if chance.random() < 0.02:
            more = chance.choice([{}, {"duration": "1.5 s"}, {"duration_ms": 2, "context": {"args": [number]}}])
        if failed:
            more = chance.choice([{**more, "error": "E: no"}, {"error": {"type": "E", "message": f"no {number}"}}])
        both = {**base, "handler": handler, "beat": beat}
        kind = "error" if failed and chance.random() < 0.7 else "beat-completed"
        for moment, event in (
            (at, {"event": "beat-started", **both}),
            (at + 0.2, {"event": kind, **both, **more}),
        ):
            told = {"timestamp": stamp(chance, moment, form), **event}
            written_at = moment + (2 if chance.random() < 0.01 else 0)
            found.append((written_at, told))
            if chance.random() < 0.01:
                found.append((written_at + chance.choice([0, 0.1, 5]), told))
        at += 0.2 + chance.choice([0, 0.1, 0.7])
    return found


def stream(seed: int, count: int, form: int) -> list[Event]:
    chance = random.Random(seed)
    found = [one for number in range(count) for one in execution(chance, number, form)]
    return [event for _, event in sorted(found, key=lambda one: one[0])]


def plain(metrics: TelemetryMetrics) -> object:
    def rounded(value: object) -> object:
        if isinstance(value, float):
            return float(f"{value:.9g}")
        if isinstance(value, dict):
            return {key: rounded(one) for key, one in value.items()}
        return [rounded(one) for one in value] if isinstance(value, (list, tuple)) else value

    return rounded(metrics.model_dump(mode="json"))


@pytest.mark.parametrize(("seed", "form", "bare"), [(1, 3, False), (2, 6, False), (3, 9, False), (4, 3, True)])
def test_the_quick_and_the_thorough_way_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, form: int, bare: bool
) -> None:
    monkeypatch.setattr(lanes, "HELD", 20)
    found = [event for event in stream(seed, 400, form) if not (bare and event["event"] == "beat-started")]
    path = written(tmp_path, found)
    quick, thorough = Collector(DECLARED), Collector(DECLARED)
    for batch in batches(path, quick.partial.dropped):
        quick.take(batch)
    for event in thorough._timed(events(path, thorough.partial.dropped)):
        thorough._one(event)
    assert plain(summarised(quick.finish(), DECLARED)) == plain(summarised(thorough.finish(), DECLARED))


def test_the_order_of_times_counts_and_not_that_of_coming(tmp_path: Path) -> None:
    found = [one for number in range(3) for _, one in execution(random.Random(9), number, 3)]
    wrong = [{**one, "timestamp": str(one["timestamp"]).replace("12:00:01", "11:59:59")} for one in found]
    quick, thorough = Collector(DECLARED), Collector(DECLARED)
    path = written(tmp_path, wrong)
    for batch in batches(path, quick.partial.dropped):
        quick.take(batch)
    for event in thorough._timed(events(path, thorough.partial.dropped)):
        thorough._one(event)
    assert plain(summarised(quick.finish(), DECLARED)) == plain(summarised(thorough.finish(), DECLARED))
