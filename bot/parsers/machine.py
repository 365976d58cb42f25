"""The machine itself: out of memory, disk full, killed or lost runners, jobs that ran too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import Rx, rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.parsers._pytest_parts import interrupted
from bot.registry import parser

DISK = rx(r"(?:\[Errno 28\] )?No space left on device|\bENOSPC\b|You are running out of disk space")
KILLED = rx(
    r"^(?:\S+: line \d+: +\d+ Killed\b.*|Killed(?: process.*)?|.*\b[Oo]ut of memory: Kill(?:ed)? process.*"
    r"|.*oom-kill.*|.*OOMKilled.*)$"
)
RAISED = rx(r"\b(?P<type>[A-Za-z_.]*Error): ")
SIGKILL = rx(r"^(?:##\[error\]|Error: )?(?:Process completed with exit code 137\.?)$")
SHUTDOWN = rx(r"The runner has received a shutdown signal")
LOST = rx(r"lost communication with the server")
CANCELED = rx(r"^(?:Error: )?The operation was cancel+ed\.?$")
TIMEOUT = rx(
    r"has exceeded the maximum execution time of|^(?:Error: )?The job (?:running on runner .* )?has exceeded"
    r"|^ERROR: Job failed: execution took longer than"
    r"|The action '.*' has timed out after|^No output has been received in the last|^The job exceeded the maximum"
    r" time limit|Too long with no output|HTTP 404 `?BlobNotFound"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield trouble of the machine; it counts wherever in the log it stands."""
    yield from _each(log, DISK, "disk-full", 0.95)
    test_id, file = interrupted(log)
    yield from (replace(one, test_id=test_id, file=file) for one in _each(log, KILLED, "oom", 0.85))
    shut = list(_each(log, SHUTDOWN, "oom", 0.5)) + list(_each(log, LOST, "oom", 0.4))
    yield from shut[:1]
    yield from _each(log, TIMEOUT, "timeout", 0.9)
    for hit in log.find(SIGKILL):
        yield Found(hit.index, "oom", "runner", "killed (exit code 137)", weight=Weight.HINT, confidence=0.4)


def _each(log: Log, pattern: Rx, klass: FailureClass, confidence: float) -> Iterator[Found]:
    hit = log.first(pattern)
    if hit is not None:
        text = log.line(hit.index).strip()[:300]
        raised = RAISED.find(text)
        exception = raised["type"] if raised else None
        yield Found(hit.index, klass, "runner", text, exception, confidence=confidence, anywhere=True)
