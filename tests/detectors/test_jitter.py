"""Variances drawn to what is usual: the functions behind it, and that alike and unlike handlers are told apart."""

import math

import numpy as np
import pytest

from bot.detectors._jitter import Level, Prior, _trigamma_inverse, digamma, fitted, trigamma, width


def test_digamma_and_trigamma_are_those_of_the_tables() -> None:
    assert digamma(1) == pytest.approx(-0.5772156649, abs=1e-8)
    assert digamma(10.5) == pytest.approx(2.3030010343, abs=1e-8)
    assert trigamma(1) == pytest.approx(math.pi**2 / 6, abs=1e-8)
    assert trigamma(4.5) == pytest.approx(0.2487257500, abs=1e-6)


@pytest.mark.parametrize("x", [0.01, 0.5, 3.0, 50.0])
def test_the_inverse_of_trigamma_gives_its_argument(x: float) -> None:
    assert _trigamma_inverse(trigamma(x)) == pytest.approx(x, rel=1e-6)
    assert _trigamma_inverse(1e-9) == pytest.approx(1e9)
    assert _trigamma_inverse(1e8) == pytest.approx(1e-4)


def test_few_degrees_of_freedom_need_a_wider_bound() -> None:
    assert width(2.0, 1e6) == pytest.approx(2.0, abs=1e-4)
    # Student's t: one-sided 2.275 % (as rare as 2 normal deviations) is 2.32 with 9 degrees of freedom.
    assert width(2.0, 9) == pytest.approx(2.32, abs=0.02)


def level(variance: float, spans: int = 10) -> Level:
    return Level(np.full(200, 5.0), spans, variance, 20.0)


def drawn(deviations: list[float]) -> list[Level]:
    chance = np.random.default_rng(2)
    return [level(float(np.var(chance.normal(0, deviation, 10), ddof=1))) for deviation in deviations]


def test_alike_handlers_lend_each_other_certainty_and_unlike_ones_do_not() -> None:
    alike, unlike = fitted(drawn([0.05] * 200)), fitted(drawn([0.01, 0.3] * 100))
    assert alike.dof > 50
    assert unlike.dof < 3
    spread, dof = alike.judged(level(0.01**2), 20)
    assert dof > 50
    assert 0.03 < spread < 0.07
    spread, _ = unlike.judged(level(0.3**2), 20)
    assert 0.2 < spread < 0.4


def test_without_enough_spans_nothing_is_known_and_one_handler_stands_alone() -> None:
    assert fitted([level(0.1, spans=2)]) == Prior(0.0, 1.0, 1.0)
    assert fitted([level(0.01)]).common == 0.01


def test_a_handler_that_never_moves_has_no_spread() -> None:
    still = [level(0.0) for _ in range(5)]
    spread, _ = fitted(still).judged(still[0], 20)
    assert spread < 0.001
    assert Level(np.zeros(5), 3, 0.0, 5.0).single == 0.0
