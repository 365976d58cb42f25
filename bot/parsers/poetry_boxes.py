"""Poetry's own errors: the exception on a line of its own, what it says below, and the place in Poetry's source."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

HEAD = rx(r"^ {2,4}(?P<exception>[A-Z]\w*)$")
PLACE = rx(r"^ *at \S.*\.py:\d{1,9} in \S+$")
KINDS: dict[str, FailureClass] = {
    "SolverProblemError": "dependency-conflict",
    "SolveFailure": "dependency-conflict",
    "UploadError": "packaging",
    "ChefBuildError": "packaging",
    "ChefInstallError": "packaging",
    "EnvCommandError": "packaging",
    "PackageNotFound": "dependency-conflict",
    "PyProjectException": "packaging",
}
BELOW, MESSAGE = 40, 6  # lines from the exception to its place, and to what it says


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each error on the first line of what it says."""
    for head in log.find(HEAD):
        below = range(head.index + 1, head.index + MESSAGE)
        index = next((at for at in below if log.line(at).strip()), -1)
        if index < 0 or log.line(head.index + 1).strip() or not log.line(index).startswith("  "):
            continue
        if log.first(PLACE, index, index + BELOW) is not None:
            yield _found(index, head["exception"], log.line(index).strip(), project)


def _found(index: int, exception: str, message: str, project: Project) -> Found:
    klass = classify(exception, message, own=project.own)
    if klass == "test-failure":
        klass = KINDS.get(exception, "none")
    weight = Weight.CAUSE if klass != "none" else Weight.HINT
    return Found(index, klass, "poetry", message[:500], exception, confidence=0.7, weight=weight)
