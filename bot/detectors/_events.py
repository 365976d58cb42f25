"""Error events of telemetry as findings: a cause not seen before, a rate that rose, or all there is without a past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.codebase import Codebase
from bot.detectors._rates import risen
from bot.detectors._seen import Finding, Seen
from bot.model import ErrorCount, Failure, HandlerMetrics, Severity, Window
from bot.telemetry.causes import cause_of

P = 0.001
ERRORS = 3  # fewer say nothing about a rate
_SCALE: tuple[tuple[float, Severity], ...] = ((0.5, "critical"), (0.1, "high"), (0.05, "medium"))


@dataclass(frozen=True)
class Rate:
    """Errors of one handler now and before, and the p value of their rise."""

    now: int
    executions: int
    before: int
    executions_before: int

    @property
    def p_value(self) -> float:
        """Return the p value of the rise; 1.0 without a past."""
        return risen(self.now, self.executions, self.before, self.executions_before)

    @property
    def share(self) -> float:
        """Return the share of executions that fail now."""
        return self.now / self.executions if self.executions else 1.0

    @property
    def rose(self) -> bool:
        """Return whether the rate rose beyond chance."""
        return self.now >= ERRORS and self.p_value < P


def event_findings(seen: Seen) -> Iterator[Finding]:
    """Yield one finding for each cause of error events that is new or has become more frequent."""
    causes: dict[str, list[ErrorCount]] = {}
    for error in seen.metrics.errors:
        causes.setdefault(error.cause_key, []).append(error)
    for key, errors in causes.items():
        most = max(errors, key=lambda error: error.count)
        rate = _rate(most.handler, seen)
        new = key not in seen.baseline.known_causes
        if not seen.baseline.windows or new or (rate.rose and _leads(most, seen)):
            yield _finding(errors, most, rate, seen)


def _leads(error: ErrorCount, seen: Seen) -> bool:
    """Say whether a cause is the most frequent of its handler: a rise is told once, by the cause that leads it."""
    same = [other for other in seen.metrics.errors if other.handler == error.handler]
    return error == max(same, key=lambda other: other.count)


def _rate(handler: str, seen: Seen) -> Rate:
    now = seen.metrics.handlers.get(handler)
    before = seen.baseline.handlers.get(handler, ())
    return Rate(
        _errors(now.windows) if now else 0,
        now.count if now else 0,
        sum(_errors(one.windows) or round(one.errorRate * one.count) for one in before),
        sum(one.count for one in before),
    )


def _errors(windows: Sequence[Window]) -> int:
    return sum(window.errors for window in windows)


def _finding(errors: list[ErrorCount], most: ErrorCount, rate: Rate, seen: Seen) -> Finding:
    count = sum(error.count for error in errors)
    new = bool(seen.baseline.windows) and most.cause_key not in seen.baseline.known_causes
    failure = _failure(most, seen.codebase)
    named = ": ".join(part for part in (most.exception, most.message) if part)[:200]
    return Finding(
        type="error",
        cause=most.cause_key,
        severity=_severity(rate, count, new=new),
        description=f"{most.handler}: {named} ({count:,} time{'s' * (count != 1)}, {rate.share:.1%} of its executions"
        f"{', not seen before' if new else ''})",
        confidence=0.95 if rate.rose or not seen.baseline.windows else 0.8 if count >= ERRORS else 0.6,
        handler=most.handler,
        metrics={
            "class": failure.klass,
            "tool": "telemetry",
            "exception": most.exception,
            "message": most.message,
            "code": "",
            "root_line": failure.root_line,
            "tests": [],
            "file": failure.file or "",
            "line": failure.line or 0,
            "count": count,
            "new": new,
            "rate": round(rate.share, 6),
            "rate_before": round(rate.before / rate.executions_before, 6) if rate.executions_before else None,
            "p_value": rate.p_value,
            "trend": _trend(seen.metrics.handlers.get(most.handler)),
            "handlers": sorted({error.handler for error in errors}),
            "cause_key": most.cause_key,
            **_calls(most.handler, seen),
        },
        evidence=(most.example[-500:],),
        failures=(failure,) if failure.frames else (),
    )


def _calls(handler: str, seen: Seen) -> dict[str, list[dict[str, Any]]]:
    """Return the recorded calls of a handler that failed, from which a test can be written."""
    failed = [call.model_dump() for call in seen.metrics.calls if call.handler == handler and call.error]
    return {"calls": failed} if failed else {}


def _severity(rate: Rate, count: int, *, new: bool) -> Severity:
    if new and count < ERRORS:
        return "low"
    level: Severity = next((level for least, level in _SCALE if rate.share >= least), "low")
    return "medium" if level == "low" and (rate.rose or new) else level


def _trend(handler: HandlerMetrics | None) -> str:
    """Return `rising` when the second half of the time has more errors than chance allows, else `steady`."""
    windows = handler.windows if handler else ()
    half = len(windows) // 2
    first, second = windows[:half], windows[half:]
    p = risen(_errors(second), sum(w.count for w in second), _errors(first), sum(w.count for w in first))
    return "rising" if p < P else "steady"


def _failure(error: ErrorCount, codebase: Codebase) -> Failure:
    cause = cause_of(error.example or error.message)
    frames = [
        {"file": found or file, "line": line, "function": name, "project": bool(found)}
        for file, line, name in cause.frames
        for found in [_in_repository(file, codebase)]
    ]
    ours = [frame for frame in frames if frame["project"]]
    last = ours[-1] if ours else {"file": None, "line": None}
    fields = {"class": "crash", "tool": "telemetry", "exception": error.exception or None, "message": error.message}
    place = {"file": last["file"], "line": last["line"], "frames": tuple(frames)}
    root = f"{error.exception}: {error.message}".strip(": ")
    return Failure.model_validate({**fields, **place, "root_line": root, "cause_key": error.cause_key})


def _in_repository(file: str, codebase: Codebase) -> str:
    """Return the repository's path of a file of a traceback: the longest end of its path that is there, else ''."""
    parts = PurePosixPath(file.replace("\\", "/")).parts
    ends: Iterable[str] = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in codebase.files), "")
