"""Poetry, PDM, Pipenv, pixi: lock files that do not fit, versions that cannot be solved, Pythons not allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

RULES = (
    Rule(
        line(r"pyproject\.toml changed significantly since poetry\.lock was last generated.*"),
        "lockfile",
        "poetry",
        0.95,
        file="poetry.lock",
    ),
    Rule(
        line(r"(?:The )?(?:poetry\.lock|lock file) is not (?:consistent|up[ -]to[ -]date|compatible) with .*"),
        "lockfile",
        "poetry",
        0.95,
        file="poetry.lock",
    ),
    Rule(
        line(
            r"(?:.*The lock file might not be compatible with the current version of Poetry.*|Unable to read the"
            r" lock file.*|poetry\.lock (?:was )?not found.*)"
        ),
        "lockfile",
        "poetry",
        0.8,
        file="poetry.lock",
    ),
    Rule(
        line(r"Your Pipfile\.lock \(\w+\) is out of date.*|Pipfile\.lock (?:(?:was )?not found|is out of date).*"),
        "lockfile",
        "pipenv",
        0.95,
        file="Pipfile.lock",
    ),
    Rule(
        line(
            r"Lock file (?:hash doesn't match|is not compatible|does not exist).*|.*Lock file hash doesn't match"
            r" pyproject\.toml.*|\[PdmUsageError\]: .*lock.*"
        ),
        "lockfile",
        "pdm",
        0.9,
        file="pdm.lock",
    ),
    Rule(
        line(r" *(?:× |x )? *lock[ -]?file not up[ -]to[ -]date with the (?:workspace|project|manifest).*"),
        "lockfile",
        "pixi",
        0.95,
        file="pixi.lock",
    ),
    Rule(rx(r"^(?P<message>WARNING: Lockfile .*)$"), "lockfile", "pdm", 0.6, Weight.HINT, proof=False, file="pdm.lock"),
    Rule(
        line(r"Unable to find a resolution(?: for .*)?|\[ResolutionImpossible\]: .*"),
        "dependency-conflict",
        "pdm",
        0.9,
    ),
    Rule(
        rx(r"^(?P<message>\[(?P<exception>[A-Z]\w*(?:Error|Exception|NotFound|Failure))\]: .*)$"),
        "none",
        "pdm",
        0.5,
        Weight.HINT,
    ),
    Rule(
        line(
            r"Current Python version \([\d.]+\) is not allowed by the project \(.*\)\.?.*|The currently activated"
            r" Python version [\d.]+ is not supported by the project.*"
        ),
        "python-version",
        "poetry",
        0.95,
    ),
    Rule(
        line(
            r"The current project's (?:supported )?Python r(?:ange|equirement) \(.*\) is not compatible with some"
            r" of the required packages.*"
        ),
        "python-version",
        "poetry",
        0.9,
    ),
    Rule(
        line(r".*\bversion solving failed\.?"),
        "dependency-conflict",
        "poetry",
        0.9,
    ),
    Rule(
        line(
            r"Because .* (?:depends on|requires) .* which (?:doesn't match any versions|does not match any versions).*"
        ),
        "dependency-conflict",
        "poetry",
        0.9,
    ),
    Rule(
        rx(r"^(?P<message>(?:The requested command \S+ does not exist\.|The option \"\S+\" does not exist).*)$"),
        "none",
        "poetry",
        0.5,
        Weight.HINT,
    ),
    Rule(
        rx(r"^(?P<message>Invalid TOML file (?P<file>\S+): .*)$"),
        "packaging",
        "poetry",
        0.9,
    ),
    Rule(
        line(
            r"Poetry could not find a pyproject\.toml file in .*|The Poetry configuration is invalid:?.*"
            r"|.*\[tool\.poetry\].* (?:not found|is missing).*"
        ),
        "packaging",
        "poetry",
        0.85,
    ),
)


BECAUSE = rx(r"^ *(?:Because|So, because|And because|Thus|\(\d+\)).*$")


def _explained(log: Log, found: Found) -> Found:
    """A solver's verdict with the lines above it that tell who needs what."""
    if not found.message.rstrip(".").endswith("version solving failed"):
        return found
    first = next(iter(log.find(BECAUSE, max(0, found.index - 30), found.index + 1)), None)
    lines = [log.line(at).strip() for at in range(first.index if first else found.index, found.index + 1)]
    return replace(found, details={**found.details, "reason": "\n".join(line for line in lines if line)})


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield stale locks and what the solver could not solve."""
    yield from (_explained(log, found) for found in told(log, RULES, project))
