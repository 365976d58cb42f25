"""The exit line of a step, for a log in which nothing else tells why it failed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.model import FailureClass
from bot.registry import parser


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the exit lines as hints."""
    for hit in log.find(EXIT):
        code = next(value for value in hit.groups.values() if value)
        if code != "0":
            klass: FailureClass = "oom" if code == "137" else "crash" if code in ("134", "136", "139") else "none"
            yield Found(
                hit.index,
                klass,
                "runner",
                f"exit code {code}",
                weight=Weight.HINT,
                anywhere=True,
                confidence=0.4 if klass != "none" else 0.2,
            )
