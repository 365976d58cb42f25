"""mypy: type errors, plain or pretty, also as problem-matcher annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

FINDING = rx(
    r"^(?:Error: )?(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d{1,9})(?::(?P<column>\d+))?(?::\d+:\d+)?: error:"
    r" (?P<message>.*?)(?:  \[(?P<code>[a-z][a-z0-9-]*)\])?[ \t]*$"
)
WRAPPED = rx(r"\[(?P<code>[a-z][a-z0-9-]*)\]$")
NO_LINE = rx(r"^(?P<file>[^\s:][^:]*?): error: (?P<message>.*?)(?:  \[(?P<code>[a-z][a-z0-9-]*)\])?$")
JSON = rx(r"^(?P<object>\{\"file\": .*\"severity\": \"error\".*\})$")
STUBTEST = rx(
    r"^error: (?P<message>(?P<name>[\w.]+) (?:is inconsistent, .*|is not present (?:at runtime|in stub).*"
    r"|failed to (?:import|find stubs).*))$"
)
INTERNAL = rx(r"^error: (?P<message>INTERNAL ERROR -- .*)$")
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
    yield from _json(log, project)
    for hit in log.find(STUBTEST):
        yield Found(hit.index, "type", "stubtest", hit["message"], details={"name": hit["name"]})
    if not findings:
        for total in log.find(TOTAL):
            for hit in list(log.find(NO_LINE, max(0, total.index - 20), total.index))[:5]:
                yield Found(hit.index, "type", "mypy", hit["message"], file=project.path(hit["file"]), code=hit["code"])
    for hit in list(log.find(INTERNAL))[:1]:
        yield Found(hit.index, "type", "mypy", hit["message"], confidence=0.6, weight=Weight.HINT)
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "mypy", True)


def _json(log: Log, project: Project) -> Iterator[Found]:
    """Each line of `--output json` is one finding."""
    for hit in log.find(JSON):
        try:
            one = json.loads(hit["object"])
            yield Found(
                hit.index,
                "type",
                "mypy",
                str(one["message"]),
                file=project.path(str(one["file"])),
                line=int(one["line"]),
                code=str(one.get("code") or ""),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


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
