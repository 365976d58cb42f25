"""Each sequence does its work on a really broken repository, and goes red when any one handler does not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot import app, conductor
from bot.adapters.clock import SystemClock
from bot.adapters.forge_local import LocalForge
from bot.chain import Chain, Played
from bot.conductor import Outcome, Part, Plan
from bot.model import (
    AnomalySet,
    Deployment,
    DiagnosisSet,
    Intake,
    Lesson,
    PatchSet,
    Request,
    Start,
    TelemetryMetrics,
    ValidationResult,
)
from bot.policy import RepoPolicy
from bot.ports import Forge
from bot.registry import units
from bot.settings import read
from tests.e2e import repos

HANDLERS = list(units("handler"))
AUTO = RepoPolicy.model_validate({"mode": "auto", "checks": {"none": "pass"}, "merge": {"settle_seconds": 0}})


@dataclass(frozen=True)
class Loop:
    """One whole loop that was played: the chain, the request, and every sequence by id."""

    chain: Chain
    request: Request
    played: dict[str, Played]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """Play all seven sequences on a repository with a missing import, merged without a person by policy."""
    folder = tmp_path_factory.mktemp("loop")
    checkout = repos.broken(folder / "depot", "missing import", history=True)
    options = app.Options(trust_code=True, deliver=folder / "forge", original=checkout)
    with app.world(read({}, state=str(folder / "state")), options=options) as around:
        chain = Chain(conductor.load_all(), around.stage(), around.store, AUTO)
        request = request_for(checkout)
        start = Start(event="telemetry.parse.requested", request_id=request.request_id, record_id="")
        played = {one.sequence: one for one in chain.follow(start, request)}
        yield Loop(chain, request, played)


def request_for(checkout: Path) -> Request:
    intake = Intake(repository="local/depot", checkout=str(checkout))
    return Request(request_id="loop", repository="local/depot", checkout=str(checkout), intake=intake)


def stored(loop: Loop, outcome: Outcome, type_: Any) -> Any:
    assert outcome.state == "completed", outcome.reason
    return loop.chain.store.load(outcome.record_id, type_)


def parsed(loop: Loop, outcome: Outcome) -> None:
    metrics = stored(loop, outcome, TelemetryMetrics)
    assert metrics.verdict == "failed"
    assert outcome.results["telemetry_request"].status == "started"
    assert outcome.results["normalized_events"] != outcome.results["events"]
    assert [failure.test_id for failure in metrics.failures] == ["tests/test_stock.py::test_pallets"]
    assert "tests/test_stock.py::test_label" in metrics.handlers
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "detect.anomalies.requested"


def detected(loop: Loop, outcome: Outcome) -> None:
    found = stored(loop, outcome, AnomalySet)
    assert outcome.results["detection_request"].status == "started"
    failing = [one for one in found.all_anomalies if one.failures]
    assert [one.type for one in failing] == ["error"]
    assert found.total_count == len(found.all_anomalies)
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "analyze.requested"


def analyzed(loop: Loop, outcome: Outcome) -> None:
    found = stored(loop, outcome, DiagnosisSet)
    assert outcome.results["analysis_request"].status == "started"
    first = found.recommendations[0]
    assert (first.assessed.diagnosis.file, first.assessed.diagnosis.function) == ("depot/stock.py", "pallets")
    assert "search" in first.code
    assert found.codebase.good
    assert outcome.completed is not None
    assert len(outcome.completed.starts) == len(found.recommendations)


def written(loop: Loop, outcome: Outcome) -> None:
    found = stored(loop, outcome, PatchSet)
    assert outcome.results["fix_request"].status == "started"
    assert "import math" in str(found.patches[0].edits)
    assert found.parsed == ("depot/stock.py",)
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "validate.requested"


def proven(loop: Loop, outcome: Outcome) -> None:
    result = stored(loop, outcome, ValidationResult)
    assert outcome.results["validation_request"].status == "started"
    for name, step in (("tested", "tests"), ("covered", "coverage"), ("timed", "performance")):
        assert step in outcome.results[name].trials[0].steps
    assert result.proven
    assert result.patch is not None
    assert any(run.exit_code for run in result.evidence.before)
    assert len(result.evidence.after) >= 3
    names = {record.name for record in result.evidence.checks}
    assert len(names) >= 4
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "deploy.requested"


def delivered(loop: Loop, outcome: Outcome) -> None:
    story = stored(loop, outcome, Deployment)
    assert outcome.results["deploy_request"].status == "started"
    assert outcome.results["head"].head_sha != outcome.results["head"].base_sha
    assert story.merge is not None
    assert story.merge.merged
    assert story.branch.startswith("auto-fix/error-")
    assert story.decision is not None
    assert outcome.completed is not None
    assert outcome.completed.starts[0].event == "track.requested"


def learned(loop: Loop, outcome: Outcome) -> None:
    lesson = stored(loop, outcome, Lesson)
    assert outcome.results["track_request"].status == "started"
    assert lesson.effectiveness.repository == "local/depot"
    assert lesson.record.strategy == lesson.effectiveness.strategy
    assert lesson.insights


EXPECTED: dict[str, Callable[[Loop, Outcome], None]] = {
    "telemetry.parse": parsed,
    "anomaly.detect": detected,
    "diagnosis.analyze": analyzed,
    "fix.generate": written,
    "validation.run": proven,
    "deployment.deploy": delivered,
    "learning.track": learned,
}


@pytest.mark.parametrize("sequence", EXPECTED)
def test_sequence_does_its_work(loop: Loop, sequence: str) -> None:
    assert sequence in loop.played, {name: one.outcome.reason for name, one in loop.played.items()}
    EXPECTED[sequence](loop, loop.played[sequence].outcome)


def first_argument(part: Part) -> Part:
    """Return the part with a handler that gives back its first argument."""
    name = next(iter(inspect.signature(part.unit.function).parameters))
    unit = replace(part.unit, function=lambda **arguments: arguments[name])
    return replace(part, unit=unit)


def on_a_fresh_forge(loop: Loop, folder: Path) -> Chain:
    """Return the chain on a forge where nothing was delivered yet, so that no effect can be adopted."""
    stage = loop.chain.stage
    forge = LocalForge.create(folder, Path(loop.request.checkout), SystemClock())
    return replace(loop.chain, stage=replace(stage, ports={**stage.ports, Forge: forge}))


@pytest.mark.parametrize("handler", HANDLERS)
def test_no_handler_is_idle(loop: Loop, handler: str, tmp_path: Path) -> None:
    sequence, plan = next(
        (plan.sequence.id, plan)
        for plan in loop.chain.plans.values()
        if handler in [part.beat.handler for part in plan.parts]
    )
    changed = Plan(plan.sequence, tuple(first_argument(p) if p.beat.handler == handler else p for p in plan.parts))
    start = loop.played[sequence].start.model_copy(update={"request_id": f"without {handler}"})
    fresh = on_a_fresh_forge(loop, tmp_path / "forge") if sequence == "deployment.deploy" else loop.chain
    chain = replace(fresh, plans={**loop.chain.plans, start.event: changed})
    with pytest.raises(Exception):  # noqa: B017
        EXPECTED[sequence](loop, chain.play(start, loop.request).outcome)
