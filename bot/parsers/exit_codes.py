"""The exit line of a step, for a log in which nothing else tells why it failed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.model import FailureClass
from bot.parsers._pytest_parts import interrupted
from bot.registry import parser

KILLED: dict[str, FailureClass] = {
    **dict.fromkeys(("137", "247", "-9", "KILL"), "oom"),
    **dict.fromkeys(("134", "136", "139", "245", "250", "-11", "-6", "3221225477", "3221226505"), "crash"),
    "124": "timeout",
}  # 128 + signal as shells tell it, 256 - signal and NTSTATUS as other parents do


WRAPPED = rx(
    r"(?P<error>^ *(?i:error)\b.*)?(?:\(exited with code |\bfailed with (?:exit )?code |: exit |returned non-zero"
    r" exit status"
    r" |returned a non-zero code: |\] Error |exit code: )(?P<code>137|247|134|136|139|245|250|-11|-6|-9|124|3221225477"
    r"|3221226505)\b"
)
SIGNALLED = rx(r"\bdied with <Signals\.SIG(?P<signal>SEGV|ABRT|BUS|ILL|FPE|KILL)\b")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the exit lines as hints, and before them what a wrapper tells of the signal that ended its command."""
    yield from _wrapped(log)
    exits = list(log.find(EXIT))
    test_id, file = interrupted(log) if exits else (None, None)
    for hit in exits:
        code = next(value for value in hit.groups.values() if value)
        if code != "0":
            klass: FailureClass = KILLED.get(code, "none")
            if klass == "none" and test_id:
                klass = "crash"  # the run ended inside a test, and pytest itself did not come to its end
            yield Found(
                hit.index,
                klass,
                "runner",
                f"exit code {code}",
                test_id=test_id,
                file=file,
                weight=Weight.HINT,
                scope="all",
                confidence=0.4 if klass != "none" else 0.2,
            )


def _wrapped(log: Log) -> Iterator[Found]:
    for hit in (*log.find(WRAPPED), *log.find(SIGNALLED)):
        code = hit.groups.get("code") or hit["signal"]
        if EXIT.find(log.line(hit.index)) is None:
            yield Found(
                hit.index,
                KILLED.get(code, "crash"),
                "runner",
                log.line(hit.index).strip()[:500],
                weight=Weight.HINT,
                confidence=0.5,
                proof=bool(hit.groups.get("error")),
            )
