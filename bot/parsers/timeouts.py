"""Jobs, steps and tests that ran too long, and runs that were cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._pytest_parts import interrupted
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

RULES = (
    Rule(
        line(
            r"The job (?:running on runner .* )?has exceeded the maximum execution time of .*|The job exceeded"
            r" the maximum time limit.*"
        ),
        "timeout",
        "runner",
        0.95,
        scope="machine",
    ),
    Rule(line(r"The action '.*' has timed out after \d+ minutes?\.?"), "timeout", "runner", 0.95, scope="machine"),
    Rule(
        line(
            r"Job failed: execution took longer than .*|No output has been received in the last .*|Too long with"
            r" no output.*|context deadline exceeded"
        ),
        "timeout",
        "runner",
        0.9,
        scope="machine",
    ),
    Rule(rx(r"^(?P<message>\++ Timeout \++)$"), "timeout", "pytest", 0.9, scope="machine"),
    Rule(
        rx(
            r"^(?P<message>timeout: sending signal \w+ to command.*|(?:Error: )?Process completed with exit code"
            r" 124\.?)$"
        ),
        "timeout",
        "shell",
        0.8,
        Weight.HINT,
    ),
    Rule(rx(r"(?P<message>HTTP 404 `?BlobNotFound)"), "timeout", "runner", 0.5, scope="machine"),
)
CANCELED = (Rule(line(r"The operation was cancel+ed\."), "timeout", "runner", 0.4, Weight.HINT, scope="machine"),)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield time limits with the test that was running; a bare cancellation is only a hint."""
    for found in told(log, (*RULES, *CANCELED), project):
        test_id, file = interrupted(log)
        yield replace(found, test_id=test_id, file=file)
