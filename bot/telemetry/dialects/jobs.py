"""Jobs and steps of workflow runs, as GitHub's API lists them: each job is a beat, and each of its steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bot.model import TelemetryEvent
from bot.telemetry import lines
from bot.telemetry.timestamps import utc
from bot.telemetry.words import JOB_FAILED, STEP_FAILED

LARGEST = 50_000_000  # bytes of one answer
FINE = frozenset({"success", "neutral", "skipped"})
_WORDS = (b'"started_at"', b'"conclusion"', b'"run_id"')


class Step(msgspec.Struct):
    """One step of a job as GitHub tells it."""

    name: str
    number: int = 0
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None


class Job(msgspec.Struct):
    """One job of a run as GitHub tells it."""

    name: str
    run_id: int = 0
    run_attempt: int = 1
    workflow_name: str | None = None
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    steps: list[Step] | None = None


class _Answer(msgspec.Struct):
    jobs: list[Job]


def likeness(head: bytes) -> float:
    """Return 1.0 for a file that begins with GitHub's list of a run's jobs, or with a job, else 0.0."""
    return float(head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") and all(word in head for word in _WORDS))


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield start and end of each job and step that ran; what failed is an error that names its conclusion."""
    if path.stat().st_size > LARGEST:
        dropped["too large"] += 1
        return
    try:
        found = msgspec.json.decode(b"".join(lines.chunks(path, dropped)), type=_Answer | list[Job])
    except msgspec.ValidationError:
        found = _single(path, dropped)
    except (msgspec.MsgspecError, RecursionError):
        dropped["not an event"] += 1
        return
    for job in found.jobs if isinstance(found, _Answer) else found:
        yield from _of_job(job)


def _single(path: Path, dropped: Counter[str]) -> list[Job]:
    try:
        return [msgspec.json.decode(b"".join(lines.chunks(path, dropped)), type=Job)]
    except (msgspec.MsgspecError, RecursionError):
        dropped["not an event"] += 1
        return []


def _of_job(job: Job) -> Iterator[TelemetryEvent]:
    run = f"{job.run_id}-{job.run_attempt}"
    workflow = job.workflow_name or "workflow"
    yield from beat(job, TelemetryEvent("", "", job.name, workflow, run))
    for step in job.steps or ():
        around = TelemetryEvent(
            "", "", f"{job.name} / {step.name}", f"{workflow} / {job.name}", run, step.number or None
        )
        yield from beat(step, around)


def beat(one: Job | Step, around: TelemetryEvent) -> Iterator[TelemetryEvent]:
    """Yield the start and the end of what ran, `around` says where it belongs; what was skipped did not run."""
    start, end = utc(one.started_at), utc(one.completed_at)
    if start is None or one.conclusion == "skipped":
        return
    named = msgspec.structs.replace(around, timestamp=str(one.started_at), event="beat-started")
    yield named
    if end is None or one.conclusion is None:
        return
    took = max(0.0, end - start) * 1e3
    ended = msgspec.structs.replace(named, timestamp=str(one.completed_at), event="beat-completed", duration_ms=took)
    if one.conclusion not in FINE:
        kind = JOB_FAILED if isinstance(one, Job) else STEP_FAILED
        yield msgspec.structs.replace(ended, event="error", error=f"{kind}: {one.name} ({one.conclusion})")
    yield ended
