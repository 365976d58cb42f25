"""pip building packages: metadata and wheels that cannot be made, and why where the build says it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._build_output import PLACED
from bot.parsers._rules import Rule, told
from bot.registry import parser

NOT_RUN = rx(r"^ *× (?P<message>(?P<what>.+?) did not run successfully\.)$")
OUTPUT_END = rx(r"^ *\[end of output\]$")
COMPILED = rx(r"^ *(?P<message>\S+(?::\d+)*: (?:fatal )?error: .*|CMake Error.*|\S+:\d+:\d+: ERROR: .*)$")
RAISED = rx(r"^ *(?P<message>(?:[A-Za-z_][\w.]*(?:Error|Exception|Invalid\w*|NotFound): .*|error: .*|ERROR: .*))$")
NEAR = 12  # lines above the end of an output in which its last error stands
LAST = (
    Rule(
        rx(r"^ *(?P<message>(?:ERROR: |error: )?Failed building wheel for (?P<packages>\S+))$"),
        "packaging",
        "pip",
        0.7,
        Weight.HINT,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:Failed to build installable wheels for some pyproject\.toml based projects"
            r"|Could not build wheels for) (?P<packages>.+?)(?:, which is required.*)?)$"
        ),
        "packaging",
        "pip",
        0.75,
        Weight.HINT,
    ),
    Rule(
        rx(r"^ *(?:ERROR: |error: )?(?P<message>metadata-generation-failed|subprocess-exited-with-error)$"),
        "packaging",
        "pip",
        0.6,
        Weight.HINT,
    ),
    Rule(
        rx(r"^ *ERROR: (?P<message>Command errored out with exit status \d+:.*)$"),
        "packaging",
        "pip",
        0.6,
        Weight.HINT,
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the first build that failed, resting on the error inside its output."""
    for hit in log.find(NOT_RUN):
        end = log.first(OUTPUT_END, hit.index, hit.index + 3000)
        why = _why(log, hit.index, end.index if end else hit.index + 60)
        place = PLACED.find(why[1]) if why else None
        yield Found(
            why[0] if why else hit.index,
            "packaging",
            "pip",
            why[1] if why else hit["message"],
            file=place["file"] if place else None,
            line=int(place["line"]) if place else None,
            confidence=0.85,
            details={"build": hit["what"]},
            span=(hit.index, (end.index if end else hit.index) + 1),
        )
        return
    cut = log.first(OUTPUT_END)
    raised = list(log.find(RAISED, cut.index - NEAR, cut.index))[-1:] if cut else []
    if raised:  # the log is cut in the output
        told_last = raised[0]["message"]
        yield Found(raised[0].index, "packaging", "pip", told_last, weight=Weight.HINT, confidence=0.7)
        return
    one = min(told(log, LAST, project), key=lambda f: f.index, default=None)
    if one is not None:
        yield one


def _why(log: Log, start: int, end: int) -> tuple[int, str] | None:
    """The compiler's first error explains a build; else the last error of its output does."""
    compiled = log.first(COMPILED, start + 1, end)
    raised = list(log.find(RAISED, start + 1, end))
    hit = compiled or (raised[-1] if raised else None)
    return (hit.index, hit["message"]) if hit else None
