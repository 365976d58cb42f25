"""Gate jobs: they fail because another job failed, and have no cause of their own."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, told
from bot.registry import parser

SAYS = rx(
    r"(?i)^\W{0,16}(?:(?:Error|Failed|Failure)\W{1,3})?(?P<message>(?:one or more|some|at least one|not all"
    r"|required|dependent|upstream|previous|any)(?: of)?(?: the)?"
    r"(?: of the)?(?: required| needed| dependent| upstream| previous| CI)*"
    r"(?: to (?:succeed|pass))? (?:jobs?|checks?|workflows?|builds?|dependencies)\b.{0,60}(?:fail|not succe"
    r"|unsuccessful|cancel|did not pass|not pass|skipped).*)$"
)
RESULT = rx(
    r"^(?P<message>(?:\W*[\w -]+ (?:job )?)?(?:result|status|outcome|conclusion)s?:? ?[=:]? ?['\"]?(?:failure"
    r"|cancelled)['\"]?.*)$"
)
NEEDS = rx(r"^ *\"?result\"?: \"?(?:failure|cancelled)\"?,?$")

GATE = rx(
    r"(?i)^\W{0,16}(?:Error: )?(?P<message>.{0,60}\b(?:gate|all[- ]green)\b.{0,20} fail.*|.{0,80}\bjobs? (?:did"
    r" not|didn't|have"
    r" not) (?:all )?succeed.*|found \d+ failed jobs?\b.*"
    r"|(?:(?:needed )?job|workflow) ['\"`][^'\"`]{1,60}['\"`]"
    r" (?:has )?(?:failed|was cancelled|did not succeed|is not successful)\b.{0,60})$"
)
RULES = (
    Rule(GATE, "gate-job", "runner", 0.6, Weight.HINT),
    Rule(SAYS, "gate-job", "runner", 0.8, Weight.UMBRELLA),
    Rule(RESULT, "gate-job", "runner", 0.5, Weight.HINT),
    Rule(NEEDS, "gate-job", "runner", 0.6, Weight.HINT),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the gate's word about other jobs."""
    yield from told(log, RULES, project)
