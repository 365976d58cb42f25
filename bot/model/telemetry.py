"""Stage 1: log files, the events in them, and what they add up to."""

from __future__ import annotations

from typing import Literal

import msgspec
from pydantic import Field

from bot.model.base import Value

LogKind = Literal["log", "events", "report", "sequence"]
FailureClass = Literal[
    "test-failure", "import-error", "missing-dependency", "dependency-conflict", "python-version", "lockfile",
    "lint", "format", "type", "docs", "coverage", "packaging", "syntax-error", "timeout", "oom", "disk-full",
    "crash", "network-flake", "actions-config", "no-tests-collected", "data-missing", "gate-job", "none",
]  # fmt: skip
Verdict = Literal["failed", "passed", "unknown"]


class Intake(Value):
    """What somebody asks to be read: paths of logs and telemetry, and the repository they belong to.

    `measure` asks to run the tests as well and see which code they run, beside what the telemetry says is used.
    """

    repository: str
    checkout: str = ""
    logs: tuple[str, ...] = ()
    telemetry: tuple[str, ...] = ()
    baseline: str = ""
    sequences: str = ""
    good: str = ""
    seed: int = 0
    budget_seconds: float = 300.0
    measure: bool = False


class TelemetryRequest(Value):
    """An accepted request: `deadline` is UTC in seconds since 1970, 0 for none."""

    request_id: str
    status: Literal["started"] = "started"
    intake: Intake
    policy_version: int = 1
    deadline: float


class LogFile(Value):
    """One file to read: `ref` is its content address, `name` FILE or FILE!member, `check` the check that made it."""

    name: str
    ref: str
    size: int
    kind: LogKind = "log"
    dialect: str = ""
    check: str = ""
    exit_code: int | None = None


class LogFiles(Value):
    """The files of one request, with what was refused and why."""

    files: tuple[LogFile, ...]
    count: int
    total_size: int
    refused: tuple[str, ...] = ()


class TelemetryEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event as it stood in its file; `timestamp` is text, as found."""

    timestamp: str
    event: str
    handler: str = ""
    sequence: str = ""
    execution: str = ""
    beat: int | None = None
    duration_ms: float | None = None
    error: str | None = None
    context: dict[str, object] | None = None


class NormalizedEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event after normalisation; `at` is UTC in seconds since 1970."""

    at: float
    event: str
    handler: str
    sequence: str = ""
    execution: str = ""
    beat: int | None = None
    duration_ms: float | None = None
    error: str | None = None
    context: dict[str, object] | None = None


class EventStream(msgspec.Struct, frozen=True):
    """A recipe for events: file references and steps, lazy and re-iterable, small as JSON."""

    files: tuple[tuple[str, str, str], ...]  # (ref, name, dialect)
    steps: tuple[str, ...] = ()
    event_count: int = 0


class Frame(Value):
    """One frame of a traceback; `project` is true for the repository's own code."""

    file: str
    line: int
    function: str = ""
    project: bool = True


class Failure(Value):
    """One failure found in a log or report, with the line it rests on (CONTRACTS, diagnose)."""

    klass: FailureClass = Field(alias="class")
    tool: str
    test_id: str | None = None
    exception: str | None = None
    message: str = ""
    file: str | None = None
    line: int | None = None
    frames: tuple[Frame, ...] = ()
    log: str = ""
    root_line: str = ""
    root_line_no: int = 0
    confidence: float = 1.0
    cause_key: str = ""
    code: str = ""
    details: tuple[tuple[str, str], ...] = ()

    def detail(self, key: str) -> str:
        """Return what the parser noted under `key`, or an empty text."""
        return dict(self.details).get(key, "")


class LogDiagnosis(Value):
    """What one or more logs say: verdict, failures with the root cause first, and an excerpt."""

    verdict: Verdict
    failures: tuple[Failure, ...]
    excerpt: str
    not_understood: tuple[str, ...] = ()


class Window(Value):
    """The samples of one handler in one span of time (a minute by default): exact up to 1,000, else a sketch.

    Where there are more than 200,000 durations in all, a window keeps no more than 100 of its own exact.
    """

    start: float
    seconds: float = 60.0
    count: int
    errors: int = 0
    samples: tuple[float, ...] = ()
    buckets: dict[int, int] = Field(default_factory=dict)


class HandlerMetrics(Value):
    """What one handler did: times in milliseconds, `errorRate` as a share of its executions, `test` for a CI test."""

    count: int
    avgTime: float
    p50: float
    p95Time: float
    p99Time: float
    errorRate: float
    lastSeen: str
    expected_ms: float | None = None
    windows: tuple[Window, ...] = ()
    test: bool = False


class Violation(Value):
    """One departure from a declared order: `script` tells how the seen order becomes the declared one."""

    execution: str
    observed: tuple[str, ...]
    first_divergence: int
    script: tuple[str, ...]


class SequenceMetrics(Value):
    """What one sequence did: `beats` is the most frequent order, `orders` counts all that were seen."""

    count: int
    avgTime: float
    beats: tuple[str, ...]
    errorRate: float
    violations: int
    orders: tuple[tuple[tuple[str, ...], int], ...] = ()
    examples: tuple[Violation, ...] = ()


class TelemetryMetrics(Value):
    """All that stage 1 knows: handlers, sequences, failures of CI runs, and what was dropped on the way.

    `coverage` is the covered share of each file, `executed` the lines that its tests ran, both by path.
    """

    handlers: dict[str, HandlerMetrics] = Field(default_factory=dict)
    sequences: dict[str, SequenceMetrics] = Field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    verdict: Verdict = "unknown"
    errors: tuple[ErrorCount, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    changes: tuple[StateChange, ...] = ()
    coverage: dict[str, float] = Field(default_factory=dict)
    executed: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    event_count: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)


class CheckResult(Value):
    """One check that ran: its command, exit code, seconds, and per-test outcomes where it is a test run."""

    name: str
    kind: str
    command: str
    exit_code: int | None
    seconds: float
    digest: str
    sandbox: str
    outcomes: dict[str, str] = Field(default_factory=dict)


class ErrorCount(Value):
    """How often one cause of error was seen; `example` is one error text as found."""

    cause_key: str
    handler: str
    exception: str
    message: str
    count: int
    first: float
    last: float
    example: str = ""


class RecordedCall(Value):
    """One recorded execution of a handler: arguments, result or error, state before and after, as JSON text."""

    handler: str
    args: str = ""
    kwargs: str = ""
    result: str | None = None
    error: str | None = None
    state: str | None = None
    duration_ms: float | None = None


class StateChange(Value):
    """One way in which recorded state was changed against a rule; `field` is dotted, values are JSON text."""

    handler: str
    rule: Literal["frozen", "invariant", "pure"]
    field: str
    before: str
    after: str
    count: int = 1
    execution: str = ""


TelemetryMetrics.model_rebuild()
