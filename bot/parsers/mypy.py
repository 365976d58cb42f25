"""mypy: type errors, plain or pretty, also as problem-matcher annotations."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

FINDING = rx(
    r"^(?:Error: )?(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d+)(?::(?P<column>\d+))?(?::\d+:\d+)?: error:"
    r" (?P<message>.*?)(?:  \[(?P<code>[a-z][a-z0-9-]*)\])?[ \t]*$"
)
WRAPPED = rx(r"\[(?P<code>[a-z][a-z0-9-]*)\]$")
TOTAL = rx(r"^Found (?P<count>\d+) errors? in \d+ files? \((?:checked|errors prevented).*\)$")
GOOD = rx(r"^Success: no issues found in \d+ source files?$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each finding, and each run's end as a claim."""
    findings = list(log.find(FINDING))
    for hit in findings:
        code, message = hit["code"], hit["message"]
        if not code:
            code, message = _wrapped(log, hit.index, message)
        klass: FailureClass = "syntax-error" if code == "syntax" else "type"
        yield Found(
            hit.index, klass, "mypy", message, None, None, project.path(hit["file"]), int(hit["line"]), code=code
        )
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "mypy", True)


def _wrapped(log: Log, index: int, message: str) -> tuple[str, str]:
    """`--pretty` wraps a message; its code closes one of the next lines."""
    for at in range(index + 1, index + 5):
        text = log.line(at)
        found = WRAPPED.find(text.rstrip())
        if found is not None:
            rest = text.strip().removesuffix(f"[{found['code']}]").strip()
            return found["code"], f"{message} {rest}".strip()
        if not text.strip() or FINDING.find(text):
            break
    return "", message
