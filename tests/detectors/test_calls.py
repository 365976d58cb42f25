"""Recorded calls go along with the anomalies of their handlers."""

from __future__ import annotations

from bot.detectors._calls import with_calls
from bot.model import RecordedCall
from tests import make

CALLS = tuple(RecordedCall(handler=name, args="[1]") for name in ("price", "price", "charge"))


def test_an_anomaly_brings_the_calls_of_its_handler() -> None:
    metrics = make.metrics(calls=CALLS)
    slow = make.anomaly(type="performance", handler="price")
    order = make.anomaly(type="behavioral", handler="price")
    failing, idle = make.anomaly(type="error", handler="price"), make.anomaly(type="state", handler="ship")
    told = make.anomaly(type="state", handler="price", metrics={"calls": []})
    found = with_calls((slow, order, failing, idle, told), metrics)
    counts = [len(one.metrics["calls"]) if "calls" in one.metrics else None for one in found]
    assert counts == [2, 3, None, None, 0]
