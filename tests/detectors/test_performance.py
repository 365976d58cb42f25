"""Slow handlers are found, noise is not: against the past, in the history, and against objectives."""

import json

import numpy as np
import pytest

from bot.codebase import of
from bot.detectors import performance
from bot.detectors._seen import Seen
from bot.detectors._together import not_checked
from bot.model import Anomaly, Baseline, HandlerMetrics, TelemetryMetrics, Window
from bot.telemetry.baseline import baseline_of
from bot.telemetry.sketch import buckets
from tests.detectors.worlds import START, World, handler, past


def found(runs: list[TelemetryMetrics], baseline: Baseline | None = None) -> tuple[Anomaly, ...]:
    return performance.detect(Seen(runs[-1], past(runs) if baseline is None else baseline))


@pytest.mark.parametrize("world", [World(), World(shared=0.2), World(own=0.05), World(samples=100)], ids=str)
def test_a_handler_that_doubled_is_found_and_nothing_else(world: World) -> None:
    hits = found(world.runs(slow={"h3": 2.0}))
    assert [(one.handler, one.metrics["rule"], one.type) for one in hits] == [("h3", "baseline", "performance")]
    assert hits[0].severity in ("medium", "high")
    assert 1.6 < hits[0].metrics["ratio"] < 2.5


@pytest.mark.parametrize("world", [World(seed=2), World(shared=0.2, seed=3), World(own=0.08, seed=4)], ids=str)
def test_noise_is_no_finding(world: World) -> None:
    assert found(world.runs()) == ()


def test_below_ten_samples_nothing_is_said() -> None:
    assert found(World(samples=9).runs(slow={"h3": 5.0})) == ()
    assert found(World().runs(slow={"h3": 5.0}), Baseline()) == ()


def test_what_slows_everything_is_one_finding_of_its_own() -> None:
    hits = found(World(shared=0.05).runs(everything=2.0))
    assert [(one.handler, one.metrics["rule"]) for one in hits] == [(None, "run-wide")]
    assert 1.7 < hits[0].metrics["ratio"] < 2.3


def test_a_short_past_needs_a_larger_step() -> None:
    world = World(shared=0.0, own=0.0, windows=1, samples=30, outliers=0)
    assert found(world.runs(slow={"h3": 1.1})) == ()
    hits = found(world.runs(slow={"h3": 1.6}))
    assert [(one.handler, one.confidence) for one in hits] == [("h3", 0.75)]


def test_a_busy_moment_is_no_slow_handler_where_the_past_is_short() -> None:
    world = World(shared=0.0, own=0.0, windows=1, samples=30, outliers=0, handlers=90)
    busy = {f"h{number}": 1.7 for number in range(30, 60)}
    runs = world.runs(slow={**busy, "h40": 5.0})
    turn = {f"h{number}": f"2024-05-01T12:00:{number // 2:02}.000Z" for number in range(90)}
    now = {name: one.model_copy(update={"lastSeen": turn[name]}) for name, one in runs[-1].handlers.items()}
    hits = found([runs[0], TelemetryMetrics(handlers=now)])
    worked_on = [one.handler for one in hits if one.severity != "low"]
    assert "h40" in worked_on
    assert len([name for name in worked_on if name in busy]) < 12


def test_what_nobody_can_feel_is_told_low() -> None:
    runs = World(shared=0.0, own=0.0, windows=1, samples=30, outliers=0).runs(slow={"h3": 3.0})
    tiny = [TelemetryMetrics(handlers={n: scaled(h, 1e-5) for n, h in run.handlers.items()}) for run in runs]
    assert [(one.handler, one.severity) for one in found(tiny)] == [("h3", "low")]


def scaled(one: HandlerMetrics, factor: float) -> HandlerMetrics:
    window = one.windows[0].model_copy(update={"samples": tuple(factor * value for value in one.windows[0].samples)})
    return one.model_copy(update={"windows": (window,)})


def test_sketched_windows_are_compared_like_exact_ones() -> None:
    runs = World(samples=200, shared=0.02).runs(slow={"h3": 2.0})
    sketched = [TelemetryMetrics(handlers={n: squeezed(h) for n, h in run.handlers.items()}) for run in runs]
    assert [one.handler for one in found(sketched)] == ["h3"]


def squeezed(one: HandlerMetrics) -> HandlerMetrics:
    window = one.windows[0]
    small = window.model_copy(update={"samples": (), "buckets": buckets(window.samples)})
    return one.model_copy(update={"windows": (small,)})


def test_durations_of_zero_say_nothing() -> None:
    zero = TelemetryMetrics(handlers={"a": handler([0.0] * 20, START)})
    assert performance.detect(Seen(zero, baseline_of([zero]))) == ()


def series(levels: list[float], *, seed: int = 1) -> TelemetryMetrics:
    chance = np.random.default_rng(seed)
    windows = tuple(
        Window(start=START + 60 * n, count=10, samples=tuple((level * chance.lognormal(0, 0.1, 10)).tolist()))
        for n, level in enumerate(levels)
    )
    return TelemetryMetrics(handlers={"a": handler([1.0], START).model_copy(update={"windows": windows})})


def test_a_step_that_lasts_is_found_without_any_baseline() -> None:
    hits = performance.detect(Seen(series([10.0] * 30 + [16.0] * 5)))
    assert [(one.handler, one.metrics["rule"]) for one in hits] == [("a", "change point")]
    assert hits[0].metrics["since"] == "2023-11-14T22:43:20.000Z"


@pytest.mark.parametrize("levels", [[10.0] * 35, [10.0] * 33 + [16.0, 10.0], [10.0] * 15 + [16.0] * 5])
def test_no_step_a_short_one_or_a_short_history_is_no_finding(levels: list[float]) -> None:
    assert performance.detect(Seen(series(levels))) == ()


def kept(objective: dict[str, object], windows: tuple[Window, ...]) -> list[tuple[str, str]]:
    text = json.dumps({"objectives": [{"handler": "a", **objective}]})
    one = handler([1.0], START).model_copy(update={"windows": windows})
    seen = Seen(TelemetryMetrics(handlers={"a": one}), codebase=of({".github/selfheal-objectives.json": text}))
    return [(hit.metrics["rule"], hit.severity) for hit in performance.detect(seen)]


def hour(count: int, errors: int, late: int = 0) -> tuple[Window, ...]:
    samples = (900.0,) * (late // 60) + (10.0,) * (count // 60 - late // 60)
    return tuple(
        Window(start=START + 60 * n, count=count // 60, errors=errors // 60, samples=samples) for n in range(60)
    )


def test_an_error_budget_that_burns_fast_in_both_windows_is_a_breach() -> None:
    assert kept({"error_rate": 0.001}, hour(6000, 120)) == [("error budget", "critical")]
    assert kept({"error_rate": 0.003}, hour(6000, 120)) == [("error budget", "high")]
    assert kept({"error_rate": 0.05}, hour(6000, 120)) == []


def test_a_budget_that_burnt_before_and_burns_no_more_is_none() -> None:
    calm = tuple(w.model_copy(update={"errors": 0}) if w.start > START + 600 else w for w in hour(6000, 120))
    assert kept({"error_rate": 0.001}, calm) == []


def test_a_single_error_in_little_traffic_is_no_breach() -> None:
    assert kept({"error_rate": 0.001}, (Window(start=START, count=50, errors=1),)) == []
    assert kept({"error_rate": 0.001}, (Window(start=START, count=500, errors=2),)) == []


def test_a_promised_latency_is_a_share_of_the_executions() -> None:
    assert kept({"latency_ms": 300, "share": 0.99}, hour(6000, 0, late=600)) == [("latency", "high")]
    assert kept({"latency_ms": 300, "share": 0.9}, hour(6000, 0, late=360)) == []
    assert kept({"latency_ms": 300, "share": 1.0}, hour(6000, 0, late=360)) == [("latency", "high")]


def test_objectives_that_can_not_be_read_promise_nothing() -> None:
    broken = of({".github/selfheal-objectives.json": "{"})
    assert performance.detect(Seen(World().runs()[-1], codebase=broken)) == ()
    assert any(".github/selfheal-objectives.json" in said for said in not_checked(Seen(codebase=broken)))
    assert not_checked(Seen()) == ()
    other = of({".github/selfheal-objectives.json": '{"objectives": [{"handler": "gone", "error_rate": 0.1}]}'})
    assert performance.detect(Seen(World().runs()[-1], codebase=other)) == ()


def suite(**durations: float) -> TelemetryMetrics:
    tests = {
        f"test_a.py::{name}": handler([value], START).model_copy(update={"test": True})
        for name, value in durations.items()
    }
    return TelemetryMetrics(handlers=tests)


def slow(now: TelemetryMetrics, *earlier: TelemetryMetrics) -> list[tuple[str | None, float]]:
    return [(one.handler, one.metrics["ratio"]) for one in performance.detect(Seen(now, baseline_of(earlier)))]


def test_a_test_far_beyond_its_slowest_run_is_slow() -> None:
    past = [suite(a=50 + n, b=20, c=40) for n in range(4)]
    assert slow(suite(a=300, b=20, c=40), *past) == [("test_a.py::a", 5.66)]
    assert slow(suite(a=140, b=20, c=40), *past) == []
    assert slow(suite(a=300, b=110, c=220), *past) == [], "the whole machine is slow"


def test_with_one_earlier_run_the_step_must_be_larger() -> None:
    past = suite(a=50, b=20, c=40)
    assert slow(suite(a=300, b=20, c=40), past) == []
    assert slow(suite(a=500, b=20, c=40), past) == [("test_a.py::a", 10.0)]
    assert slow(suite(a=500, d=20), suite(a=0, b=20)) == []
