"""What went wrong and where, read from a diagnosis: the error, its text, and the project lines it passed through."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Failure

_MEANT = re2.compile(r"""(?:[Dd]id you mean:?|maybe) ['"]([^'"]+)['"]\??""")


@dataclass(frozen=True)
class Site:
    """One error as raised: the last part of its dotted name, its message, and (file, line) innermost first."""

    exception: str
    message: str
    places: tuple[tuple[str, int], ...]
    code: str = ""
    tool: str = ""

    @property
    def meant(self) -> str:
        """Return the name that the interpreter itself suggests, or an empty text."""
        found = _MEANT.search(self.message)
        return found.group(1) if found else ""


def _places(failure: Failure, codebase: Codebase) -> tuple[tuple[str, int], ...]:
    places = [(frame.file, frame.line) for frame in reversed(failure.frames) if frame.project]
    if failure.file:
        first = (failure.file, failure.line or 0)
        places = [first, *(place for place in places if place != first)]
    return tuple(dict.fromkeys(place for place in places if place[0] in codebase.files))


def _split(exception: str | None, message: str) -> tuple[str, str]:
    name = (exception or "").rpartition(".")[2]
    if not name and ": " in message.partition("\n")[0]:
        head, _, rest = message.partition(": ")
        if head.replace(".", "").isidentifier():
            return head.rpartition(".")[2], rest
    return name, message


def sites(diagnosis: Diagnosis, codebase: Codebase) -> tuple[Site, ...]:
    """Return the errors of a diagnosis, those of its failures first, each once."""
    found: list[Site] = []
    for failure in diagnosis.failures:
        name, message = _split(failure.exception, failure.message)
        found.append(Site(name, message, _places(failure, codebase), failure.code, failure.tool))
    details = diagnosis.details
    name, message = _split(details.get("exception"), details.get("message", ""))
    own = ((diagnosis.file, diagnosis.line),) if diagnosis.file in codebase.files else ()
    if (name or message) and all((site.exception, site.message) != (name, message) for site in found):
        found.append(Site(name, message, own, details.get("code", ""), details.get("tool", "")))
    return tuple(
        dict.fromkeys(
            Site(s.exception, s.message, tuple(dict.fromkeys((*s.places, *own))), s.code, s.tool) for s in found
        )
    )


def named(diagnosis: Diagnosis, codebase: Codebase, *exceptions: str) -> tuple[Site, ...]:
    """Return the errors whose exception is one of `exceptions` (last part of the dotted name)."""
    return tuple(site for site in sites(diagnosis, codebase) if site.exception in exceptions)
