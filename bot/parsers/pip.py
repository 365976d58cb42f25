"""pip (and pipx): conflicts, missing versions, wrong Pythons, requirement files and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.parsers._rules import Rule, told
from bot.registry import parser

CONFLICT = rx(
    r"^(?P<indent> *)(?:ERROR: )Cannot install (?P<what>.+?) because these package versions have conflicting"
    r" dependencies\.?$"
)
REQUIREMENT = rx(r"-r (?P<file>[^\s()]+) \(line (?P<line>\d{1,9})\)")
PLACE = rx(r"\(from line (?P<line>\d{1,9}) of (?P<file>[^)]+)\)$")
IMPOSSIBLE = rx(r"^ *ERROR: ResolutionImpossible: (?P<message>.*)$")
EXPLAINED = rx(r"^ *The conflict is caused by:$")
NO_VERSION = rx(
    r"^ *ERROR: (?P<message>(?:Could not find a version that satisfies the requirement|No matching distribution"
    r" found for) (?P<what>[^\s(]+).*)$"
)
RETRYING = rx(r"^ *WARNING: (?:Retrying \(Retry|.*connection broken by|There was a problem confirming the ssl).*")
LAST_RETRY = rx(r"^ *(?P<message>WARNING: Retrying \(Retry\(total=0,.*)$")
INSTALLED = rx(r"^ *Successfully installed ")
PINNED = rx(r"^[^=<>!~]+===?(?P<version>[^,;*]+)$")
IGNORED = rx(r"^ *ERROR: Ignored the following versions that require a different python version: .*")
RULES = (
    Rule(
        rx(r"^ *ERROR: (?P<message>Package '(?P<packages>[^']+)' requires a different Python: .*)$"),
        "python-version",
        "pip",
        0.95,
    ),
    Rule(rx(r"^(?P<message>ERROR: This script does not work on Python [\d.]+\..*)$"), "python-version", "pip", 0.95),
    Rule(
        rx(r"^ *ERROR: (?P<message>\S+ requires Python '[^']+' but the running Python is .*)$"),
        "python-version",
        "pip",
        0.95,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>Could not install packages due to an (?P<exception>OSError|EnvironmentError):"
            r" (?:HTTPS?ConnectionPool|\(\"Connection broken|.*(?:timed out|Connection reset|RemoteDisconnected)).*)$"
        ),
        "network-flake",
        "pip",
        0.9,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:HTTP error (?:429|5\d\d) while getting|Could not find a suitable TLS CA"
            r"|Operation cancelled by user|\d+ bytes were expected but only).*)$"
        ),
        "network-flake",
        "pip",
        0.85,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:Could not open requirements file|Could not open constraints"
            r" file).*'(?P<file>[^']+)')$"
        ),
        "actions-config",
        "pip",
        0.85,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:Invalid requirement|Could not (?:detect|parse) requirement name|Double"
            r" requirement given).*?(?: \(from line (?P<line>\d{1,9}) of (?P<file>[^)]+)\))?)$"
        ),
        "dependency-conflict",
        "pip",
        0.85,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:THESE PACKAGES DO NOT MATCH THE HASHES|Hash mismatch|In --require-hashes"
            r" mode|Hashes are required in).*)$"
        ),
        "lockfile",
        "pip",
        0.9,
    ),
    Rule(
        rx(r"^ {0,8}pip\._internal\.exceptions\.(?P<exception>Meta\w+|Install\w+Error): (?P<message>.*)$"),
        "packaging",
        "pip",
        0.7,
        Weight.HINT,
    ),
    Rule(
        rx(r"^ {0,8}(?:pkg_resources\.)?(?P<exception>(?:Contextual)?VersionConflict): (?P<message>\(.*)$"),
        "dependency-conflict",
        "pip",
        0.7,
    ),
    Rule(rx(r"^ *(?:ERROR: |error: )(?P<message>externally-managed-environment)$"), "actions-config", "pip", 0.85),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:File \"setup\.py\" (?:or \"setup\.cfg\" )?not found|Directory '.*' is not"
            r" installable|.* does not appear to be a Python project|.* is not a supported wheel|file:.* does not"
            r" appear|Invalid wheel filename|.* has an invalid wheel|Requested .* has (?:inconsistent|invalid)|.*"
            r" is not a valid editable requirement).*)$"
        ),
        "packaging",
        "pip",
        0.9,
    ),
    Rule(
        rx(
            r"^ *ERROR: (?P<message>(?:Command errored out|Could not install packages due to an"
            r" (?P<exception>\w*Error)).*)$"
        ),
        "packaging",
        "pip",
        0.5,
        Weight.UMBRELLA,
    ),
    Rule(
        rx(r"^ *ERROR: (?P<message>pip's (?:legacy )?dependency resolver does not .*)$"),
        "dependency-conflict",
        "pip",
        0.55,
        Weight.HINT,
    ),
    Rule(
        rx(r"^ *ERROR: (?P<message>\S.* has requirement .*, but you(?:'ll| will)? have .*)$"),
        "dependency-conflict",
        "pip",
        0.4,
        Weight.HINT,
        proof=False,
    ),
    Rule(
        rx(
            r"^(?P<message>\S+ [\w.!+-]+ (?:has requirement|requires) .*, (?:but you(?:'ll)? have .*|which is not"
            r" installed\.))$"
        ),
        "dependency-conflict",
        "pip",
        0.5,
        Weight.HINT,
        proof=False,
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what stopped an installation."""
    yield from _conflicts(log, project)
    yield from _versions(log, project)
    for found in told(log, RULES, project):
        if found.message.startswith("pip's"):
            yield replace(found, proof=log.first(INSTALLED, found.index) is None)
        else:
            yield _placed(log, found, project) if found.message.startswith("Invalid requirement") else found
    for hit in log.find(LAST_RETRY, max(0, len(log) - 2)):  # the log ends before pip says what came of it
        yield Found(hit.index, "network-flake", "pip", hit["message"], weight=Weight.HINT, confidence=0.4)


def _placed(log: Log, found: Found, project: Project) -> Found:
    """Newer versions of pip tell the place of a requirement that is none on a line of its own."""
    place = None if found.file else log.first(PLACE, found.index, found.index + 4)
    return replace(found, file=project.path(place["file"]), line=int(place["line"])) if place else found


def _conflicts(log: Log, project: Project) -> Iterator[Found]:
    """pip tells a conflict once as an error; pipx repeats that line, indented, before."""
    hits = list(log.find(CONFLICT))
    plain = [h for h in hits if not h["indent"]] or hits
    for hit in {h["what"]: h for h in reversed(plain)}.values():
        place = REQUIREMENT.find(hit["what"])
        yield Found(
            hit.index,
            "dependency-conflict",
            "pip",
            f"Cannot install {hit['what']}: conflicting dependencies",
            file=project.path(place["file"]) if place else None,
            line=int(place["line"]) if place else None,
            details={"packages": hit["what"], "reason": _reason(log, hit)},
            confidence=0.95,
        )
    yield from _impossible(log, f"Cannot install {plain[0]['what']}: conflicting dependencies" if hits else "")


def _impossible(log: Log, message: str) -> Iterator[Found]:
    """pip's verdict, which follows the conflict and shares its cause, or stands alone."""
    for hit in list(log.find(IMPOSSIBLE))[-1:]:
        said = message or "pip found no versions that fit together"
        yield Found(hit.index, "dependency-conflict", "pip", said, code="ResolutionImpossible", confidence=0.7)


def _reason(log: Log, hit: Hit) -> str:
    """Return the lines that tell who needs what, as pip lists them behind the error."""
    start = log.first(EXPLAINED, hit.index, hit.index + 10)
    told: list[str] = []
    for at in range(start.index + 1, start.index + 40) if start else ():
        text = log.line(at).strip()
        if not text:
            break
        told.append(text)
    return "\n".join(told)


def _for_other_pythons(log: Log, hit: Hit) -> bool:
    """Return whether versions were left out for this Python, and the one that is pinned, if one is, among them."""
    ignored = log.first(IGNORED, max(0, hit.index - 6), hit.index)
    if ignored is None:
        return False
    pinned = PINNED.find(hit["what"])
    return pinned is None or f" {pinned['version']} Requires-Python" in log.line(ignored.index)


def _versions(log: Log, project: Project) -> Iterator[Found]:
    """A version that cannot be found may be a lost connection or a wrong Python; lines before it tell."""
    seen: set[str] = set()
    for hit in log.find(NO_VERSION):
        if hit["what"] in seen:
            continue
        seen.add(hit["what"])
        klass: FailureClass = "dependency-conflict"
        if log.first(RETRYING, max(0, hit.index - 12), hit.index) is not None:
            klass = "network-flake"
        elif _for_other_pythons(log, hit):
            klass = "python-version"
        place = REQUIREMENT.find(hit["message"])
        yield Found(
            hit.index,
            klass,
            "pip",
            hit["message"],
            file=project.path(place["file"]) if place else None,
            line=int(place["line"]) if place else None,
            details={"packages": hit["what"]},
        )
