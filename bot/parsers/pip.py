"""pip (and pipx): conflicts, missing versions, wrong Pythons, failed builds and downloads."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

CONFLICT = rx(
    r"^(?P<indent> *)(?:ERROR: )Cannot install (?P<what>.+?) because these package versions have conflicting"
    r" dependencies\.?$"
)
REQUIREMENT = rx(r"-r (?P<file>[^\s()]+) \(line (?P<line>\d+)\)")
IMPOSSIBLE = rx(r"^ERROR: ResolutionImpossible: (?P<message>.*)$")
EXPLAINED = rx(r"^The conflict is caused by:$")
NO_VERSION = rx(
    r"^(?: *)ERROR: (?P<message>(?:Could not find a version that satisfies the requirement|No matching"
    r" distribution found for) (?P<what>.+))$"
)
PYTHON = rx(
    r"^(?: *)ERROR: (?P<message>(?:Package '[^']+' requires a different Python: .*|Ignored the following versions"
    r" that require a different python version: .*))$"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what stopped an installation."""
    yield from _conflicts(log, project)
    pythons = list(log.find(PYTHON))
    for hit in pythons:
        if hit["message"].startswith("Package"):
            yield Found(hit.index, "python-version", "pip", hit["message"])
    yield from _versions(log)


def _conflicts(log: Log, project: Project) -> Iterator[Found]:
    """pip says it once as an error; pipx repeats the indented line before."""
    hits = list(log.find(CONFLICT))
    plain = [h for h in hits if not h["indent"]] or hits
    for hit in {h["what"]: h for h in reversed(plain)}.values():
        place = REQUIREMENT.find(hit["what"])
        told = log.first(EXPLAINED, max(0, hit.index - 30), hit.index + 200) is not None
        yield Found(
            hit.index,
            "dependency-conflict",
            "pip",
            f"Cannot install {hit['what']}: conflicting dependencies",
            file=project.path(place["file"]) if place else None,
            line=int(place["line"]) if place else None,
            details={"packages": hit["what"]},
            confidence=0.95 if told else 0.7,
        )
    if not any(log.first(EXPLAINED, max(0, h.index - 30), h.index + 200) for h in hits):
        for hit in log.find(IMPOSSIBLE):
            yield Found(hit.index, "dependency-conflict", "pip", "pip found no versions that fit together")


def _versions(log: Log) -> Iterator[Found]:
    seen: set[str] = set()
    for hit in log.find(NO_VERSION):
        name = hit["what"].split(" ")[0]
        if name not in seen:
            seen.add(name)
            yield Found(hit.index, "dependency-conflict", "pip", hit["message"], details={"packages": name})
