"""The machine itself: out of memory, disk full, lost runners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._pytest_parts import interrupted
from bot.parsers._rules import Rule, told
from bot.registry import parser

DISK = (
    Rule(
        rx(
            r"^(?P<message>.*?(?:\b(?P<exception>[A-Za-z_.]*Error): .*)?(?:[Nn]o space left on device|\bENOSPC\b|You"
            r" are running out of disk space).*)$"
        ),
        "disk-full",
        "runner",
        0.95,
        scope="machine",
    ),
)
KILLED = (
    Rule(rx(r"(?:^|::\S+ )(?P<message>[^\s:]+: line \d+: +\d+ Killed\b.*)$"), "oom", "runner", 0.85, scope="machine"),
    Rule(
        rx(
            r"^(?P<message>Killed(?: process.*)?|.*\b[Oo]ut of memory: Kill(?:ed)? process.*|.*oom-kill.*"
            r"|.*OOMKilled.*|Received \"killed\" signal|.*\bmake(?:\[\d+\])?: \*\*\* \[[^\]]*\]"
            r" Killed|.*fatal error: Killed signal terminated program.*|.*: (?:unable to execute command|internal"
            r" compiler error):"
            r" Killed.*)$"
        ),
        "oom",
        "runner",
        0.85,
        scope="machine",
    ),
)
LOST = (
    Rule(
        rx(r"^(?P<message>(?:Error: )?The runner has received a shutdown signal.*)$"),
        "oom",
        "runner",
        0.5,
        scope="machine",
    ),
    Rule(
        rx(r"^(?P<message>(?:Error: )?The (?:self-)?hosted runner.* lost communication with the server.*)$"),
        "oom",
        "runner",
        0.4,
        scope="machine",
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield trouble of the machine, with the test that was running; it counts wherever in the log it stands."""
    yield from told(log, DISK, project)
    yield from list(told(log, LOST, project))[:1]
    killed = sorted(told(log, KILLED, project), key=lambda found: found.index)[:1]
    if killed:
        test_id, file = interrupted(log)
        yield replace(killed[0], test_id=test_id, file=file)
