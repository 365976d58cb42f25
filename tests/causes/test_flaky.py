import pytest

from bot.causes.flaky import ALONE, MIXED, NEVER, flaky
from bot.causes.locate import diagnose_failure
from bot.codebase import Codebase
from bot.model import CodebaseInfo
from tests import make

T = "tests/test_a.py::test_x"


def seen(alone: tuple[str, ...], inside: str, test: str = T) -> Codebase:
    outcomes = {test: inside} if inside else {}
    info = CodebaseInfo(repository="r", checkout="", tree="", digest="", outcomes=outcomes, repeats={test: alone})
    return Codebase(info, files={})


@pytest.mark.parametrize(
    ("alone", "inside", "told"),
    [
        (("failed",), "failed", None),
        ((), "failed", None),
        (("skipped", "passed"), "passed", None),
        (("failed", "passed", "passed", "passed"), "failed", ("flaky", MIXED)),
        (("passed",) * 4, "failed", ("order-dependent", ALONE)),
        (("passed",) * 4, "passed", ("flaky", NEVER)),
    ],
)
def test_what_repeated_runs_tell(alone: tuple[str, ...], inside: str, told: tuple[str, float] | None) -> None:
    found = flaky([T], seen(alone, inside))
    assert (found and (found.pattern, found.confidence)) == told


def test_one_steady_failure_is_no_flaky_cause() -> None:
    assert flaky([T, "tests/test_a.py::test_y"], seen(("passed",) * 4, "failed")) is None
    assert flaky([], seen((), "")) is None


def test_the_diagnosis_says_it() -> None:
    anomaly = make.anomaly(failures=(make.failure(test_id=T),))
    found = diagnose_failure(anomaly, seen(("failed", "passed", "passed", "failed"), "failed"))
    assert found.pattern == "flaky"
    assert found.rests_on[0] == f"{T} passed in 2 of 5 runs of the same code"
    assert found.details["flaky_confidence"] == "0.99"
