"""Service objectives of a repository and how fast their error budgets burn.

Windows and factors are those of the SRE workbook ("Alerting on SLOs", multiwindow, multi-burn-rate), for a budget of
30 days; both the long and the short window must burn. A window needs at least 100 executions and 3 errors: with
little traffic a single error would burn any budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from bot.codebase import Codebase
from bot.detectors._timing import samples_of
from bot.model import Baseline, HandlerMetrics, Severity, TelemetryMetrics, Window

FILE = ".github/selfheal-objectives.json"
EVENTS, ERRORS = 100, 3
HOUR = 3600.0
BURNS: tuple[tuple[float, float, float, Severity], ...] = (
    (1 * HOUR, HOUR / 12, 14.4, "critical"),
    (6 * HOUR, HOUR / 2, 6.0, "high"),
    (24 * HOUR, 2 * HOUR, 3.0, "medium"),
    (72 * HOUR, 6 * HOUR, 1.0, "low"),
)  # long window, short window, times the budget's even pace, severity


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is promised of a handler: at most `error_rate` errors, and `share` of it within `latency_ms`."""

    handler: str
    error_rate: float | None = None
    latency_ms: float | None = None
    share: float = 0.99


class _File(msgspec.Struct, forbid_unknown_fields=True):
    objectives: tuple[Objective, ...]


class Breach(NamedTuple):
    """One objective that is not kept: what was seen and wanted, as shares, and how many times too fast."""

    objective: Objective
    rule: str
    seen: float
    wanted: float
    burn: float
    executions: int
    severity: Severity


def objectives(codebase: Codebase) -> tuple[Objective, ...]:
    """Return the objectives that the repository declares; none when there is no file or it can't be read."""
    return _read(codebase)[0]


def unreadable(codebase: Codebase) -> str:
    """Return what is wrong with the repository's file of objectives, '' when it can be read or there is none."""
    return _read(codebase)[1]


def _read(codebase: Codebase) -> tuple[tuple[Objective, ...], str]:
    text = codebase.files.get(FILE)
    try:
        return (msgspec.json.decode(text, type=_File).objectives if text is not None else ()), ""
    except msgspec.MsgspecError as error:
        return (), f"{FILE}: {error}"


def breaches(metrics: TelemetryMetrics, baseline: Baseline, wanted: Iterable[Objective]) -> Iterator[Breach]:
    """Yield every objective that is not kept, with the fastest burn of each."""
    for objective in wanted:
        handler = metrics.handlers.get(objective.handler)
        if handler is None:
            continue
        past = [w for one in baseline.handlers.get(objective.handler, ()) for w in one.windows]
        if objective.error_rate:
            yield from _burning(objective, objective.error_rate, [*past, *handler.windows])
        if objective.latency_ms is not None:
            yield from _late(objective, objective.latency_ms, handler)


def _burning(objective: Objective, budget: float, windows: list[Window]) -> Iterator[Breach]:
    now = max((w.start + w.seconds for w in windows), default=0.0)
    known = now - min((w.start for w in windows), default=now)
    for long, short, factor, severity in BURNS:
        count, errors = _within(windows, now, long)
        few, errors_now = _within(windows, now, short)
        if count < EVENTS or errors < ERRORS or not few or known <= short:  # else both windows would be the same
            continue
        burn = errors / count / budget
        if burn >= factor and errors_now / few / budget >= factor:
            yield Breach(objective, "error budget", errors / count, budget, burn, count, severity)
            return


def _within(windows: list[Window], now: float, seconds: float) -> tuple[int, int]:
    inside = [w for w in windows if w.start + w.seconds > now - seconds]
    return sum(w.count for w in inside), sum(w.errors for w in inside)


def _late(objective: Objective, bound: float, handler: HandlerMetrics) -> Iterator[Breach]:
    values = np.concatenate([samples_of(w) for w in handler.windows] or [np.zeros(0)])
    late = int((values > bound).sum())
    allowed = 1 - objective.share
    if len(values) < EVENTS or late < ERRORS or late / len(values) <= allowed:
        return
    share = late / len(values)
    burn = round(share / allowed, 6) if allowed > 0 else float("inf")
    level: Severity = "high" if burn >= 10 else "medium" if burn >= 2 else "low"
    yield Breach(objective, "latency", share, allowed, burn, len(values), level)
