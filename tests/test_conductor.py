"""The conductor: what it refuses to load, and how a run goes and ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot import conductor
from bot.app import Direct, NoCodec
from bot.conductor import Part, Plan, Stage
from bot.errors import Declined, Misconfigured, Refused
from bot.model import Beat, Completed, Known, Movement, Request, Sequence, Start, Stored, Waiting
from bot.ports import Clock
from bot.registry import Unit
from tests import make

SHIPPED = sorted(path for path in conductor.folder().glob("*.json") if path.name != "schema.json")


def text_of(name: str, change: Callable[[dict[str, Any]], None]) -> str:
    """Return a shipped sequence's text after a change."""
    data = json.loads((conductor.folder() / f"{name}.json").read_text())
    change(data)
    return json.dumps(data)


def beats(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the beats of a sequence file, in order."""
    return [beat for movement in data["movements"] for beat in movement["beats"]]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_sequence_loads(path: Any) -> None:
    plan = conductor.load(path.read_text(), path.name)
    assert plan.sequence.id == path.stem
    assert [part.beat.beat for part in plan.parts] == list(range(1, len(plan.parts) + 1))


def test_there_are_seventy_handlers_in_seven_sequences() -> None:
    plans = conductor.load_all()
    assert len(plans) == 7
    assert sum(len(plan.parts) for plan in plans.values()) == 70


def test_the_published_schema_is_the_models_own() -> None:
    assert json.loads((conductor.folder() / "schema.json").read_text()) == conductor.schema()


def rename(data: dict[str, Any]) -> None:
    beats(data)[2]["handler"] = "extract_nothing"


def lie(data: dict[str, Any]) -> None:
    beats(data)[1]["kind"] = "pure"


def swap(data: dict[str, Any]) -> None:
    first, second = data["movements"][1]["beats"][:2]
    first["handler"], second["handler"] = second["handler"], first["handler"]
    first["kind"], second["kind"] = second["kind"], first["kind"]


def drop(data: dict[str, Any]) -> None:
    del data["movements"][1]["beats"][0]
    for number, beat in enumerate(beats(data), 1):
        beat["beat"] = number


def repeat(data: dict[str, Any]) -> None:
    last = beats(data)[-1]
    data["movements"][-1]["beats"].append({**last, "beat": last["beat"] + 1})


def misnumber(data: dict[str, Any]) -> None:
    beats(data)[3]["beat"] = 9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (rename, ["x.json", "movement 'reading', beat 3", "extract_nothing"]),
        (lie, ["x.json", "movement 'request', beat 2", "load_log_files is stage-crew", "the file says pure"]),
        (swap, ["movement 'reading', beat 3", "normalize_telemetry_data needs 'events'", "makes it later"]),
        (drop, ["movement 'reading', beat 3", "needs 'events'", "no beat makes it"]),
        (repeat, ["movement 'record', beat 8", "'completed', which is there already"]),
        (misnumber, ["movement 'reading', beat 9", "should be 4"]),
    ],
)
def test_a_wrong_sequence_is_refused_and_the_place_named(change: Any, words: list[str]) -> None:
    with pytest.raises(Misconfigured) as error:
        conductor.load(text_of("telemetry.parse", change), "x.json")
    for word in words:
        assert word in str(error.value)


def test_a_mistyped_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(conductor.INPUTS, "request", Known)
    with pytest.raises(Misconfigured, match="takes 'request' as Request, but it is Known"):
        conductor.load(text_of("telemetry.parse", lambda _: None), "x.json")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: beats(data)[4].pop("kind"), ["movement 'reading'", "beat 5", "key 'kind'", "required"]),
        (lambda data: beats(data)[0].update(timing="soon"), ["movement 'request'", "beat 1", "key 'timing'"]),
        (lambda data: data.update(colour="red"), ["key 'colour'"]),
        (lambda data: data["movements"].clear(), ["key 'movements'"]),
    ],
)
def test_a_file_of_another_form_is_refused_and_the_key_named(change: Any, words: list[str]) -> None:
    with pytest.raises(Misconfigured) as error:
        conductor.load(text_of("telemetry.parse", change), "x.json")
    for word in ["x.json", *words]:
        assert word in str(error.value)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"x\.json: .*JSON"):
        conductor.parse("{", "x.json")


class Now:
    """A clock that is set."""

    def __init__(self, at: float = 100.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def plan_of(*functions: Callable[..., Any]) -> Plan:
    """Return a plan of functions, each giving a result under its own name; `completed` is taken by name."""
    parts = []
    for number, function in enumerate(functions, 1):
        name = function.__name__
        unit = Unit("handler", name, name, name, function, "tests", {"returns": (name,)})
        takes, ports, gives = conductor.signature(unit)
        kind = "stage-crew" if ports else "pure"
        beat = Beat(beat=number, event=f"{name}.done", handler=name, kind=kind, timing="immediate")
        parts.append(Part(beat, unit, takes, ports, gives))
    movement = Movement(id="m", name="M", beats=tuple(part.beat for part in parts))
    return Plan(Sequence(id="s", name="S", movements=(movement,)), tuple(parts))


def stage_of(events: list[dict[str, Any]] | None = None, **over: Any) -> Stage:
    """Return a stage with a set clock that keeps its events."""
    clock = over.pop("clock", Now())
    sink = (events if events is not None else []).append
    return Stage({Clock: clock}, Direct(), NoCodec(), sink=sink, now=clock.now, **over)


def one(request: Request) -> int:
    return len(request.request_id)


def two(one: int) -> int:
    return one * 2


def crew(two: int, clock: Clock) -> float:
    return two + clock.now()


def completed(crew: float) -> Completed:
    return Completed(record_id=f"r-{crew:g}", summary="done", starts=(Start(event="e", request_id="q", record_id="r"),))


def test_a_run_binds_results_by_name_and_ports_by_type() -> None:
    outcome = conductor.play(plan_of(one, two, crew, completed), {"request": make.request()}, stage_of())
    assert outcome.state == "completed"
    assert outcome.record_id == "r-110"
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "e"
    assert outcome.results["two"] == 10


def test_an_effect_ends_a_step_and_pure_beats_before_it_share_it() -> None:
    names = [name for name, _ in conductor.steps(plan_of(one, two, crew, completed))]
    assert names == ["s:1-3", "s:4-4"]


def test_every_beat_tells_when_it_starts_and_ends() -> None:
    events: list[dict[str, Any]] = []
    conductor.play(plan_of(one, two), {"request": make.request(subject="x")}, stage_of(events))
    assert [(e["event"], e["handler"], e["beat"]) for e in events] == [
        ("beat-started", "one", 1),
        ("beat-completed", "one", 1),
        ("beat-started", "two", 2),
        ("beat-completed", "two", 2),
    ]
    assert events[1]["sequence"] == "s"
    assert events[1]["execution"] == "req-1:x"
    assert events[1]["duration_ms"] >= 0
    assert events[0]["timestamp"] == "1970-01-01T00:01:40.000000+00:00"


def test_declining_is_an_outcome_with_its_reason() -> None:
    def declines(request: Request) -> int:
        raise Declined("nothing to do")

    events: list[dict[str, Any]] = []
    outcome = conductor.play(plan_of(declines, two), {"request": make.request()}, stage_of(events))
    assert (outcome.state, outcome.reason) == ("declined", "nothing to do")
    assert events[-1]["context"] == {"declined": "nothing to do"}


def test_waiting_ends_the_run() -> None:
    def waits(request: Request) -> int | Waiting:
        return Waiting(reason="checks run", wake_key="pr-1", poll_after=60)

    outcome = conductor.play(plan_of(waits), {"request": make.request()}, stage_of())
    assert outcome.state == "waiting"
    assert outcome.waiting is not None
    assert outcome.waiting.wake_key == "pr-1"


def test_a_known_request_gives_its_record() -> None:
    def asks(request: Request, known: Known | None) -> int | Known:
        return known or 1

    inputs = {"request": make.request(), "known": Known(record_id="r9")}
    outcome = conductor.play(plan_of(asks), inputs, stage_of())
    assert (outcome.state, outcome.record_id) == ("known", "r9")


def test_a_fault_is_told_and_raised() -> None:
    def breaks(request: Request) -> int:
        raise ValueError("no")

    events: list[dict[str, Any]] = []
    with pytest.raises(ValueError, match="no"):
        conductor.play(plan_of(breaks), {"request": make.request()}, stage_of(events))
    assert events[-1]["event"] == "error"
    assert events[-1]["error"] == "ValueError: no"
    assert events[-1]["context"] == {"expected": False}


def test_time_that_is_spent_stops_before_the_next_beat() -> None:
    clock = Now(100)

    def slow(request: Request) -> int:
        clock.at = 300
        return 1

    def never(slow: int) -> int:
        raise AssertionError

    outcome = conductor.play(plan_of(slow, never), {"request": make.request(deadline=200.0)}, stage_of(clock=clock))
    assert outcome.state == "timed-out"


def test_a_cancelled_run_stops_before_the_next_beat() -> None:
    outcome = conductor.play(plan_of(one), {"request": make.request()}, stage_of(cancelled=lambda: True))
    assert (outcome.state, outcome.reason) == ("cancelled", "it was cancelled")


def test_a_run_without_a_request_is_refused() -> None:
    with pytest.raises(Misconfigured, match="needs a request"):
        conductor.play(plan_of(one), {}, stage_of())


def test_a_step_that_ends_with_nonsense_is_a_fault() -> None:
    class Odd(Direct):
        def step(self, name: str, work: Any, codec: Any) -> dict[str, object]:
            return {conductor.OUTCOME: 3}

    stage = Stage({}, Odd(), NoCodec(), now=lambda: 0.0)
    with pytest.raises(TypeError, match="can't end with 3"):
        conductor.play(plan_of(one), {"request": make.request()}, stage)


def test_several_results_are_stored_one_by_one() -> None:
    def pair(request: Request) -> tuple[int, Stored]:
        return 1, Stored(stored=True, record_id="r")

    unit = Unit("handler", "pair", "", "", pair, "tests", {"returns": ("left", "right")})
    takes, ports, gives = conductor.signature(unit)
    assert gives == {"left": int, "right": Stored}
    beat = Beat(beat=1, event="e", handler="pair", kind="pure", timing="immediate")
    plan = Plan(plan_of(one).sequence, (Part(beat, unit, takes, ports, gives),))
    outcome = conductor.play(plan, {"request": make.request()}, stage_of())
    assert (outcome.results["left"], outcome.record_id) == (1, "")


def test_a_direct_runner_stores_nothing() -> None:
    with pytest.raises(Refused):
        NoCodec().dump({})
    with pytest.raises(Refused):
        NoCodec().load("")
