"""Telemetry after a merge: what of it counts, and what it says of a fix whose anomaly telemetry showed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.model import (
    AnomalySet,
    CheckState,
    Deployment,
    DiagnosisSet,
    Failure,
    HandlerMetrics,
    Lesson,
    PatchSet,
    SequenceMetrics,
    TelemetryMetrics,
    ValidationResult,
    Waiting,
    Window,
)
from tests import make
from tests.deliver.world import World, world

ID = "a1b2c3d4"
GREEN = CheckState(name="ci", status="completed", conclusion="success")
AGAIN = make.anomaly(id=ID, type="performance", handler="total", description="still slow", failures=())


def handler(start: float, *, test: bool = False) -> HandlerMetrics:
    """Return what a handler did in the minute that begins at `start`."""
    times = {"avgTime": 5.0, "p50": 5.0, "p95Time": 9.0, "p99Time": 9.0}
    windows = (Window(start=start, count=10),)
    return HandlerMetrics(count=10, **times, errorRate=0.0, lastSeen="2026-01-01", windows=windows, test=test)


def looked(here: World, *found: Any, **metrics: Any) -> None:
    """Keep a look at telemetry and what was found in it."""
    record = here.store.save(TelemetryMetrics(**metrics), kind="telemetry", repository="o/n")
    made = AnomalySet(all_anomalies=found, total_count=len(found), telemetry_record=record)
    here.store.save(made, kind="anomalies", repository="o/n")


@pytest.fixture
def here(tmp_path: Path) -> World:
    """Return a world whose fix is of an anomaly that telemetry showed; checks that pass are reported for each merge."""
    made = world(tmp_path, policy="mode: auto", anomaly=AGAIN)
    before = TelemetryMetrics(handlers={"total": handler(0.0)})
    record = made.store.save(before, kind="telemetry", repository="o/n")
    proof = made.store.load(made.record, ValidationResult)
    patches = made.store.load(proof.patch_record, PatchSet)
    diagnoses = made.store.load(patches.diagnosis_record, DiagnosisSet)
    known = made.store.save(diagnoses.model_copy(update={"telemetry_record": record}), kind="diagnosis")
    linked = made.store.save(patches.model_copy(update={"diagnosis_record": known}), kind="patches")
    made.record = made.store.save(proof.model_copy(update={"patch_record": linked}), kind="validation")
    return made


def delivered(here: World, seconds: float = 61.0) -> Any:
    """Return the delivery as it is after so many seconds, the checks of its merge green."""
    here.forge.report(here.forge.head_of("main") or "", GREEN, "")
    here.clock.pass_(seconds)
    return here.deliver()


def test_checks_alone_do_not_tell_that_it_is_gone(here: World) -> None:
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    waiting = delivered(here)
    assert isinstance(waiting, Waiting)
    assert "the checks of the merge commit pass, and no telemetry" in waiting.reason
    story = delivered(here, 3600.0)
    assert isinstance(story, Deployment)
    assert (story.state, story.verified) == ("merged", "unknown")
    lesson = here.store.load(here.learn(story.facts["record"]), Lesson)
    assert lesson.effectiveness.comparison.anomaly_seen_after is None


def test_telemetry_without_it_verifies_the_fix(here: World) -> None:
    here.deliver()
    now = here.clock.now()
    looked(here, handlers={"total": handler(now + 60), "tests/test_a.py::test_total": handler(0.0, test=True)})
    story = delivered(here)
    assert (story.state, story.verified) == ("verified", "healthy")
    assert "telemetry since the merge does not show it" in story.facts["seen"]
    effect = here.store.load(here.learn(story.facts["record"]), Lesson).effectiveness
    assert (effect.successful, effect.reason) == (True, "the anomaly was not seen again")


def test_the_newest_look_decides(here: World) -> None:
    here.deliver()
    now = here.clock.now()
    looked(here, handlers={"total": handler(now + 60)})
    here.clock.pass_(1)
    looked(here, AGAIN, handlers={"total": handler(now + 120)})
    waiting = delivered(here)
    assert isinstance(waiting, Waiting)
    assert "seen again after the merge: still slow; a second look must confirm it" in waiting.reason
    looked(here, handlers={"total": handler(now + 180)})
    assert delivered(here).verified == "healthy"


@pytest.mark.parametrize("case", ["from before", "of a red run", "of other things"])
def test_what_tells_nothing_of_it_is_passed_over(here: World, case: str) -> None:
    here.deliver()
    now = here.clock.now()
    if case == "from before":
        looked(here, AGAIN, handlers={"total": handler(now - 30)})
    elif case == "of a red run":
        failure = {"class": "test-failure", "tool": "pytest"}
        looked(here, AGAIN, failures=(Failure.model_validate(failure),))
    else:
        order = {"count": 1, "avgTime": 1.0, "beats": (), "errorRate": 0.0, "violations": 0}
        looked(here, handlers={"other": handler(now + 60)}, sequences={"sale": SequenceMetrics(**order)})
    waiting = delivered(here)
    assert isinstance(waiting, Waiting)
    assert "no telemetry of the time after the merge" in waiting.reason


def test_red_checks_of_the_merge_go_before_good_news(here: World) -> None:
    here.deliver()
    looked(here, handlers={"total": handler(here.clock.now() + 60)})
    here.forge.report(here.forge.head_of("main") or "", GREEN.model_copy(update={"conclusion": "failure"}), "")
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert "checks of the merge commit did not pass: ci" in waiting.reason
