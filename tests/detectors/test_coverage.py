"""Coverage by test, where it was measured, decides over names."""

from bot.codebase import Spectrum, of
from bot.detectors import coverage
from bot.detectors._seen import Seen
from bot.model import RecordedCall, TelemetryMetrics
from bot.telemetry.baseline import baseline_of
from tests.detectors.worlds import START, handler

FILES = {
    "shop.py": "def pay(a):\n    if a:\n        return 1\n    return 2\n\n\ndef ship(a):\n    return a\n",
    "other.py": "class Desk:\n    def open(self):\n        return 1\n\n\n"
    "class Shop:\n    def open(self):\n        return 2\n",
    "tests/test_shop.py": "from shop import pay, ship\nfrom other import Desk\n",
}


def gaps(*handlers: str, measured: dict[str, tuple[int, ...]] | None = None) -> list[tuple[str | None, bool]]:
    spectrum = None if measured is None else Spectrum(coverage={"tests/test_shop.py::test_a": measured})
    metrics = TelemetryMetrics(handlers={name: handler([1.0] * 10, START) for name in handlers})
    found = coverage.detect(Seen(metrics, codebase=of(FILES, spectrum=spectrum)))
    return [(one.handler, one.metrics["measured"]) for one in found]


def test_a_function_whose_body_no_test_ran_is_a_gap() -> None:
    assert gaps("pay", "ship", measured={"shop.py": (1, 2, 3, 7)}) == [("ship", True)]
    assert gaps("pay", "ship", measured={"shop.py": (1, 2, 3, 7, 8)}) == []


def test_a_handler_that_may_mean_several_functions_is_not_judged() -> None:
    assert gaps("open") == []
    assert gaps("Shop.open") == [("Shop.open", False)]
    assert gaps("other.Desk.open") == [("other.Desk.open", False)]


def test_the_parts_of_a_property_are_one_function_and_one_line_is_a_body() -> None:
    text = "class A:\n    @property\n    def x(self):\n        return 1\n\n    @x.setter\n    def x(self, value):\n"
    text += "        pass\n\n\ndef one(): return 1\n"

    def found(*lines: int) -> list[str | None]:
        code = of({"a.py": text}, spectrum=Spectrum(coverage={"tests/test_a.py::test_a": {"a.py": lines}}))
        metrics = TelemetryMetrics(handlers={name: handler([1.0] * 10, START) for name in ("A.x", "one")})
        return [gap.handler for gap in coverage.detect(Seen(metrics, codebase=code))]

    assert found(1, 3) == ["A.x", "one"]
    assert found(4) == ["one"]
    assert found(8, 11) == []


def test_coverage_alone_is_held_against_what_was_used_before() -> None:
    used = TelemetryMetrics(
        handlers={name: handler([1.0] * 10, START) for name in ("pay", "ship")},
        calls=tuple(RecordedCall(handler=name, args="[1]", result="1") for name in ("pay", "ship")),
    )
    now = TelemetryMetrics(executed={"shop.py": (1, 2, 3, 7)})
    (gap,) = coverage.detect(Seen(now, baseline_of([used]), codebase=of(FILES)))
    assert (gap.handler, gap.metrics["count"], gap.metrics["measured"]) == ("ship", 10, True)
    assert [call["handler"] for call in gap.metrics["calls"]] == ["ship"]
    assert coverage.detect(Seen(now, codebase=of(FILES))) == ()
    assert coverage.detect(Seen(TelemetryMetrics(), baseline_of([used]), codebase=of(FILES))) == ()


def test_without_any_test_or_use_nothing_is_said() -> None:
    metrics = TelemetryMetrics(handlers={"pay": handler([1.0] * 10, START)})
    code = of({"shop.py": FILES["shop.py"]})
    assert coverage.detect(Seen(metrics, codebase=code)) == ()
    tests = {name: one.model_copy(update={"test": True}) for name, one in metrics.handlers.items()}
    assert coverage.detect(Seen(TelemetryMetrics(handlers=tests), codebase=of(FILES))) == ()


def test_a_special_method_is_called_without_being_named() -> None:
    files = {
        "pair.py": "class Pair:\n    def __add__(self, other):\n        return self\n",
        "tests/test_a.py": "import pair\n",
    }
    metrics = TelemetryMetrics(handlers={"Pair.__add__": handler([1.0] * 10, START)})
    assert coverage.detect(Seen(metrics, codebase=of(files))) == ()


def test_a_rarely_used_handler_that_lost_its_tests_counts_and_one_that_never_had_any_does_not() -> None:
    used = {name: handler([1.0] * count, START) for name, count in (("pay", 1000), ("ship", 2), ("Shop.open", 2))}
    tests = {"tests/test_shop.py": "from shop import pay, ship\n\n\ndef test_pay():\n    pay(1)\n    ship(2)\n"}
    now = {**FILES, "tests/test_shop.py": "from shop import pay\n\n\ndef test_pay():\n    pay(1)\n"}
    codebase = of(now, good={**FILES, **tests})
    found = coverage.detect(Seen(TelemetryMetrics(handlers=used), codebase=codebase))
    assert [(one.handler, one.severity) for one in found] == [("ship", "medium"), ("Shop.open", "low")]
    assert "as tests of the last good version do" in found[0].description
