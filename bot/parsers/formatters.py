"""Formatters (ruff format, black, isort, yapf, autopep8): files they would change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

WOULD = rx(
    r"^(?:Would reformat: (?P<ruff>.+)|would reformat (?P<black>.+)|ERROR: (?P<isort>.+\.pyi?) Imports are"
    r" incorrectly sorted and/or formatted\.?"
    r"|(?:Error: )?File \"(?P<mdformat>[^\"]+)\" is not formatted\.?)$"
)
SHOWN = rx(r"^unformatted: .*would be reformatted$")  # the form with source, of newer versions of ruff
ARROW = rx(r"^ *--> (?P<file>[^:]+):(?:cell \d+:)?\d+(?::\d+)?$")
MOST = 50  # runs of one formatter in a log
TOTAL = rx(r"^(?P<count>\d+) files? would be reformatted\b.*$")
GOOD = rx(r"^(?:All done! .*|\d+ files? would be left unchanged\.?|\d+ files? already formatted)$")
REWRITTEN = {
    "yapf": rx(r"^\+\+\+ (?P<file>\S+)\t\(reformatted\)$"),
    "autopep8": rx(r"^\+\+\+ fixed/(?P<file>\S+)$"),
    "pyupgrade": rx(r"^Rewriting (?P<file>\S+\.pyi?)$"),
}
UNREADABLE = rx(
    r"^error: cannot (?:format|parse)(?: for target version [^:]+)?:? (?P<file>[^:\s]+): ?"
    r"(?:Cannot parse(?: for target version [^:]+)?: )?"
    r"(?P<line>\d{1,9}):\d+(?:: (?P<message>.*))?$"
)
NEW = rx(r"^\+\+\+ (?P<file>\S.*?)(?:\t.*)?$")
OLD = rx(r"^--- (?P<file>[^\s(][^\t(]*?)(?:\t.*)?$")
CHANGE = rx(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
GIT = rx(r"^(?:diff --git |index [0-9a-f]+\.\.)")
DIFF = rx(r"^--- (?P<file>\S+\.pyi?)(?:[\t ].*)?$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each formatter, at its first file."""
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "formatters", True)
    seen: dict[str, list[tuple[Hit, str]]] = {}
    for hit in log.find(WOULD):
        tool = next(name for name in ("ruff", "black", "isort", "mdformat") if hit[name])
        seen.setdefault(tool, []).append((hit, hit[tool]))
    for hit in log.find(SHOWN):
        place = ARROW.find(log.line(hit.index + 1))
        if place is not None:
            seen.setdefault("ruff", []).append((hit, place["file"]))
    for tool, hits in seen.items():
        files = list(dict.fromkeys(project.path(file) for _, file in hits))
        yield _found(hits[0][0].index, "ruff-format" if tool == "ruff" else tool, files)
    yield from _rewritten(log, project)
    yield from _unreadable(log, project)
    yield from _difference(log, project)
    if "ruff" in seen or "black" in seen:
        return
    for total in islice(log.find(TOTAL), MOST):
        before = list(log.find(DIFF, max(0, total.index - 400), total.index))
        yield _found(total.index, "ruff-format", [project.path(h["file"]) for h in before])


def _difference(log: Log, project: Project) -> Iterator[Found]:
    """A tool that shows nothing but a difference means the file in its head; the command tells which tool it is."""
    for hit in islice(log.find(OLD), MOST):
        below = [at for at in range(hit.index + 1, min(len(log), hit.index + 6)) if log.line(at).strip()][:2]
        heads = [pattern.find(log.line(at)) for pattern, at in zip((NEW, CHANGE), below, strict=False)]
        if len(heads) == 2 and all(heads) and GIT.find(log.line(hit.index - 1)) is None:
            file = project.path(hit["file"].removeprefix("a/"))
            yield replace(
                _found(hit.index, "runner", [file]),
                klass="none",
                message=f"a tool would change {file}",
                weight=Weight.HINT,
                confidence=0.28,
                proof=False,
            )


def _unreadable(log: Log, project: Project) -> Iterator[Found]:
    """black names the place of what it can't parse."""
    for hit in log.find(UNREADABLE):
        yield Found(
            hit.index,
            "syntax-error",
            "black",
            hit["message"] or "black cannot parse the file",
            file=project.path(hit["file"]),
            line=int(hit["line"][:9]),
        )


def _rewritten(log: Log, project: Project) -> Iterator[Found]:
    """yapf and autopep8 show only the difference; the second file line names the tool."""
    for tool, pattern in REWRITTEN.items():
        hits = list(log.find(pattern))
        if hits:
            files = list(dict.fromkeys(project.path(hit["file"]) for hit in hits))
            yield replace(_found(hits[0].index, tool, files), weight=Weight.HINT)


def _found(index: int, tool: str, files: list[str]) -> Found:
    return Found(
        index,
        "format",
        tool,
        f"{tool} would change {files[0]}" if len(files) == 1 else f"{tool} would change files",
        file=files[0] if files else None,
        details={"count": str(len(files)), "places": " ".join(files[:50])},
    )
