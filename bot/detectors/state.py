"""State that changes where it must not: in recorded events, and code that shares what it changes by accident.

Events may name frozen fields and invariants of the state they record, and a sequence may declare a handler pure.
What is read from the code alone (defaults, class attributes, loops, aliases) is of severity low, at most 50 of it;
where failing tests look at the same function, it is of severity medium and carries them. What a name excuses (a
cache, a registry, a leading underscore) is reported where failing tests look at it or where it is new, and not else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.codebase import Codebase
from bot.detectors._caches import stale_caches
from bot.detectors._kept import kept
from bot.detectors._mutations import SURE, mutations
from bot.detectors._seen import Finding, Seen, anomalies
from bot.detectors._subjects import subject_of
from bot.model import Anomaly, Failure, Frame, StateChange
from bot.registry import detector

MOST = 50


@detector(type="state")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each rule that recorded state breaks, and each place where shared state is changed."""
    code = seen.codebase
    read = [*kept("state", code, code.python_files, mutations), *kept("caches", code, code.python_files, stale_caches)]
    plain, excused = [one for one in read if one.confidence >= SURE], [one for one in read if one.confidence < SURE]
    return anomalies([*_recorded(seen), *_blamed(seen, [*plain[:MOST], *excused])])


def _blamed(seen: Seen, findings: list[Finding]) -> Iterator[Finding]:
    """Yield the findings; one in a function that failing tests look at or fail in carries these failures."""
    touched: dict[str, list[Failure]] = {}
    for failure in seen.metrics.failures if findings else ():
        own = [one for one in failure.frames if one.project and not seen.codebase.is_test(one.file)]
        frames = {name for one in own for name in _around(one, seen.codebase)}
        for name in {*subject_of(failure, seen.codebase), *frames}:
            touched.setdefault(name, []).append(failure)
    for finding in findings:
        names = str(finding.handler).split(".")
        names += [f"class {names[-1]}"] if finding.metrics["pattern"] == "shared-class-attribute" else []
        failures = tuple(failure for name in dict.fromkeys(names) for failure in touched.get(name, ()))
        if finding.confidence < SURE and not _new(finding, seen.codebase):
            yield from [replace(finding, failures=failures)] if failures else []
        else:
            yield replace(finding, severity="medium", confidence=0.85, failures=failures) if failures else finding


def _around(frame: Frame, codebase: Codebase) -> Iterator[str]:
    """Yield the names of the functions that a frame's line stands in, and of the classes (`class Name`)."""
    yield frame.function.rpartition(".")[2]
    for one in codebase.symbols(frame.file) if frame.file in codebase.files else ():
        if one.kind != "variable" and one.line <= frame.line <= one.end_line:
            yield f"class {one.name}" if one.kind == "class" else one.name


def _new(finding: Finding, codebase: Codebase) -> bool:
    """Return whether a finding's line changed since the last good version."""
    return finding.metrics["line"] in codebase.changed.get(str(finding.metrics["file"]), ())


def _recorded(seen: Seen) -> Iterator[Finding]:
    for change in seen.metrics.changes:
        times = f"{change.count:,} time{'s' * (change.count != 1)}"
        yield Finding(
            type="state",
            cause=f"{change.rule}:{change.handler}:{change.field}",
            severity="high" if change.rule == "invariant" else "medium",
            description=f"{change.handler} {_said(change)} ({times})",
            confidence=0.95,
            handler=change.handler,
            metrics={
                "pattern": change.rule,
                "field": change.field,
                "before": change.before,
                "after": change.after,
                "count": change.count,
            },
            evidence=(f"execution {change.execution}: {change.before} became {change.after}",),
        )


def _said(change: StateChange) -> str:
    if change.rule == "invariant":
        return f"breaks the invariant {change.field}"
    if change.rule == "frozen":
        return f"changes {change.field}, which is frozen"
    return f"changes {change.field}, and is declared pure"
