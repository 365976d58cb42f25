"""Results of a step survive as JSON text, whatever their size and type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.adapters.memory import MemoryStore
from bot.codebase import Codebase, of
from bot.codec import INLINE_BYTES, TypedCodec
from bot.conductor import OUTCOME, Stop
from bot.errors import Misconfigured
from bot.model import Anomaly, EventStream, Known, PatchSet, Stored, Waiting
from tests import make


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore()
    yield made
    made.close()


TYPES = {
    "anomalies": tuple[Anomaly, ...],
    "events": EventStream,
    "pair": tuple[int, Stored],
    "patches": PatchSet,
    "codebase": Codebase,
    "count": int,
}
VALUES = {
    "anomalies": (make.anomaly(), make.anomaly(id="other")),
    "events": EventStream(files=(("ref", "name", "log"),), steps=("normalize",)),
    "pair": (3, Stored(stored=True, record_id="r")),
    "patches": PatchSet(subject="s", patches=(make.patch(),)),
    "count": 7,
}


def test_every_kind_of_result_comes_back_equal(store: MemoryStore) -> None:
    codec = TypedCodec(TYPES, store)
    assert codec.load(codec.dump(VALUES)) == VALUES


def test_a_codebase_comes_back_by_what_it_is_about(store: MemoryStore) -> None:
    codec = TypedCodec(TYPES, store)
    sent = of({"a.py": ""})
    back = codec.load(codec.dump({"codebase": sent}))["codebase"]
    assert isinstance(back, Codebase)
    assert back.info == sent.info


@pytest.mark.parametrize(
    "value", [Stop("declined", "no"), Known(record_id="r"), Waiting(reason="w", wake_key="k", poll_after=1.0)]
)
def test_the_end_of_a_run_comes_back(store: MemoryStore, value: object) -> None:
    codec = TypedCodec({}, store)
    assert codec.load(codec.dump({OUTCOME: value})) == {OUTCOME: value}


def test_large_values_are_stored_and_small_ones_stay(store: MemoryStore) -> None:
    codec = TypedCodec(TYPES, store)
    many = {**VALUES, "anomalies": tuple(make.anomaly(id=str(n)) for n in range(500))}
    text = codec.dump(many)
    assert len(text) < INLINE_BYTES
    assert '"count": 7' in text
    assert codec.load(text) == many


def test_what_has_no_form_is_refused(store: MemoryStore) -> None:
    with pytest.raises(Misconfigured, match="can't store"):
        TypedCodec({"x": object}, store).dump({"x": object()})
    with pytest.raises(TypeError, match="can't end"):
        TypedCodec({}, store).dump({OUTCOME: 3})
