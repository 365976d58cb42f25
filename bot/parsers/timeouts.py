"""Jobs, steps and tests that ran too long, and runs that were cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.paths import is_test
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
REPLACED = (
    Rule(
        line(r"Canceling since a (?:higher priority|deadlock) .*"),
        "none",
        "runner",
        0.6,
        Weight.HINT,
        scope="machine",
    ),
)
CANCELED = (Rule(line(r"The operation was cancel+ed\."), "timeout", "runner", 0.4, Weight.HINT, scope="machine"),)


BANNER = rx(r"^(?:\S+\.py\S* (?:[.FEsxX]* ?)?)?(?P<message>\++ Timeout \++)$")
REPORTED = rx(r"Timeout \(?>[\d.]+s\)? from pytest-timeout|from pytest-timeout\.$")
FRAME = rx(r"^  File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9}), in (?P<function>\S+)$")
STACK = 400  # lines below the banner


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield time limits with the test that was running; a bare cancellation is only a hint."""
    limits = list(told(log, (*RULES, *REPLACED, *CANCELED), project))
    test_id, file = interrupted(log) if limits else (None, None)
    for found in limits:
        yield replace(found, test_id=test_id, file=file)
    banner = log.first(BANNER)
    if banner is not None and log.first(REPORTED) is None:
        yield _stopped(log, banner, project)


def _stopped(log: Log, banner: Hit, project: Project) -> Found:
    """A run that pytest-timeout ended by force shows stacks; the innermost frame of a test names it."""
    frames = list(log.find(FRAME, banner.index, banner.index + STACK))
    tests = [hit for hit in frames if hit["function"].startswith("test") and is_test(hit["file"])]
    test_id, file = interrupted(log)
    if tests:
        file = project.path(tests[-1]["file"])
        test_id = test_id or f"{file}::{tests[-1]['function']}"
    place = int(tests[-1]["line"]) if tests else None
    return Found(
        banner.index,
        "timeout",
        "pytest",
        banner["message"],
        None,
        test_id,
        file,
        place,
        confidence=0.9,
        scope="machine",
    )
