"""Rates against the past by the exact test, and flaky tests told from broken ones."""

import math

import numpy as np
import pytest

from bot.detectors import error
from bot.detectors._rates import binomial_tail, risen
from bot.detectors._seen import Seen
from bot.model import ErrorCount, HandlerMetrics, TelemetryMetrics, Window
from bot.telemetry.baseline import baseline_of
from tests import make
from tests.detectors.worlds import START, handler


def test_the_tail_of_a_binomial_is_exact() -> None:
    for least, trials, share in ((1, 10, 0.1), (3, 20, 0.05), (10, 10, 0.5), (0, 5, 0.2)):
        exact = sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(least, trials + 1))
        assert binomial_tail(least, trials, share) == pytest.approx(exact)
    assert binomial_tail(2, 5, 1.0) == 1.0
    assert binomial_tail(2, 5, 0.0) == 0.0


def test_a_rate_without_events_or_past_has_not_risen() -> None:
    assert risen(0, 100, 3, 100) == 1.0
    assert risen(3, 100, 0, 0) == 1.0
    assert risen(10, 100, 10, 1000) < 0.001


def counted(errors: int, count: int) -> TelemetryMetrics:
    window = Window(start=START, count=count, errors=errors)
    one = handler([1.0], START).model_copy(update={"count": count, "errorRate": errors / count, "windows": (window,)})
    cause = ErrorCount(
        cause_key="e", handler="a", exception="E", message="m", count=errors, first=START, last=START, example="E: m"
    )
    return TelemetryMetrics(handlers={"a": one}, errors=(cause,) if errors else ())


def test_a_rise_from_one_to_five_percent_is_found_and_one_percent_is_not() -> None:
    chance = np.random.default_rng(1)
    past = baseline_of([counted(10, 1000) for _ in range(10)])
    found = [error.detect(Seen(counted(int(chance.binomial(1000, 0.05)), 1000), past)) for _ in range(100)]
    quiet = [error.detect(Seen(counted(int(chance.binomial(1000, 0.01)), 1000), past)) for _ in range(300)]
    assert sum(map(bool, found)) >= 99
    assert sum(map(bool, quiet)) <= 1


def test_an_error_that_comes_more_and_more_is_rising() -> None:
    windows = tuple(Window(start=START + 60 * n, count=100, errors=0 if n < 5 else 4) for n in range(10))
    one = handler([1.0], START).model_copy(update={"count": 1000, "windows": windows})
    metrics = counted(20, 1000).model_copy(update={"handlers": {"a": one}})
    assert [hit.metrics["trend"] for hit in error.detect(Seen(metrics))] == ["rising"]
    assert [hit.metrics["trend"] for hit in error.detect(Seen(counted(20, 1000)))] == ["steady"]


def outcome(*, failed: bool) -> TelemetryMetrics:
    test = handler([1.0], START, errors=int(failed))
    return TelemetryMetrics(handlers={"tests/test_a.py::test_x": test})


@pytest.mark.parametrize(
    ("past", "flaky"), [("PFP", True), ("FPPP", False), ("PPPP", False), ("", False), ("PFF", False)]
)
def test_a_test_that_failed_and_passed_in_turns_is_flaky(past: str, flaky: bool) -> None:
    baseline = baseline_of([outcome(failed=one == "F") for one in past])
    now = make.metrics(failures=(make.failure(),), handlers=outcome(failed=True).handlers)
    (hit,) = error.detect(Seen(now, baseline))
    assert hit.metrics["flaky"] is flaky
    assert ("flaky" in hit.description) is flaky


def test_an_error_of_a_handler_that_never_completes_is_still_told() -> None:
    metrics = counted(3, 3).model_copy(update={"handlers": dict[str, HandlerMetrics]()})
    assert [(hit.handler, hit.severity) for hit in error.detect(Seen(metrics))] == [("a", "critical")]
