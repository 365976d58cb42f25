"""Steps of a job, from the timestamps of a runner's raw log: each is a beat from its first line to its last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bot.logs.intake import Member, read
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.steps import Step, steps_of
from bot.model import TelemetryEvent
from bot.telemetry.timestamps import utc
from bot.telemetry.words import STEP_FAILED

NAME = "steps"  # read beside the log itself, never recognised by its beginning
STAMP = rx(r"^(?:[^\t]{1,300}\t[^\t]{0,300}\t)?(?:\xef\xbb\xbf)?(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z)")
PART = rx(r"!(?:(?P<job>[^/]+)/)?(?P<number>\d+)_(?P<step>[^/]+)\.txt$")
LONGEST = 80  # characters of a step's name
SETUP = "Set up job"


def likeness(head: bytes) -> float:
    """Return 0.0: what a job's log tells of failures comes first."""
    return 0.0


def events(path: Path, dropped: Counter[str]) -> Iterator[TelemetryEvent]:
    """Yield start and end of each step with a timestamp; a step that failed is an error with its exit code.

    In an archive of a run the file names tell jobs and steps, and a job's whole log beside its steps is left out.
    """
    members = [one for one in read([(path.name, path)]).members if not one.report]
    parts = {one.name: PART.find(one.name) for one in members}
    jobs = {found["job"] for found in parts.values() if found and found["job"]}
    for member in members:
        found = parts[member.name]
        if found and found["job"]:
            yield from _whole(member, found["job"], found["step"], int(found["number"][:6]))
        elif not (found and found["step"] in jobs):
            yield from _cut(member, found["step"] if found else "")


def _whole(member: Member, job: str, step: str, number: int) -> Iterator[TelemetryEvent]:
    log = Log(member.name, member.data)
    failed = [one for one in steps_of(log) if one.failed]
    code = failed[0].exit_code if failed else None
    mark = Step(0, len(log), step, job, exit_code=code, failed=bool(failed))
    yield from _beat(log, mark, TelemetryEvent("", "", f"{job} / {step}", job, member.name.partition("!")[0], number))


def _cut(member: Member, job: str) -> Iterator[TelemetryEvent]:
    log = Log(member.name, member.data)
    for number, step in enumerate(steps_of(log), 1):
        name = (step.name or SETUP).partition("\n")[0][:LONGEST]
        around = step.job or job
        handler = f"{around} / {name}" if around else name
        yield from _beat(log, step, TelemetryEvent("", "", handler, around or "job", member.name, number))


def _beat(log: Log, step: Step, named: TelemetryEvent) -> Iterator[TelemetryEvent]:
    first = _time(log, range(step.start, step.end))
    last = _time(log, range(step.end - 1, step.start - 1, -1))
    start, end = utc(first), utc(last)
    if start is None or end is None:
        return
    yield msgspec.structs.replace(named, timestamp=first, event="beat-started")
    ended = msgspec.structs.replace(
        named, timestamp=last, event="beat-completed", duration_ms=max(0.0, end - start) * 1e3
    )
    if step.failed:
        code = f"exit code {step.exit_code}" if step.exit_code else "failure"
        yield msgspec.structs.replace(ended, event="error", error=f"{STEP_FAILED}: {named.handler} ({code})")
    yield ended


def _time(log: Log, places: range) -> str:
    """Return the first timestamp on these lines; a line without one (a break inside a message) is passed over."""
    for place in places[:1000]:
        found = STAMP.find(log.raw(place)[:800])
        if found:
            return found["time"]
    return ""
