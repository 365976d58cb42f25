"""What a project's automation installs together, and where two of its own lists exclude each other.

Only what stands in the files is compared: what packages need of each other is the resolver's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from bot.checks.discovery.calls import calls
from bot.checks.discovery.invocations import Invocation
from bot.codebase.metadata import canonical, metadata_files, read

_LISTS = frozenset({"-r", "--requirement", "-c", "--constraint"})
_MANAGERS = re2.compile(r"\b(?:uv sync|poetry install|pdm (?:install|sync))\b")  # bring the groups for development
_SECOND = frozenset({"requirements", "conda", "build", "tox"})


@dataclass(frozen=True)
class Asked:
    """One requirement of one command: who asks for it, as pip would say it."""

    name: str
    specifier: str
    said: str


def contradiction(files: Mapping[str, str]) -> str:
    """Return, in pip's words, two requirements of one command that no version meets; '' when there are none."""
    for call in calls(files):
        if call.tool in {"pip", "pip3"} and call.arguments[:1] == ("install",) and call.cwd == ".":
            found = _apart(list(asked(call, files)))
            if found:
                first, second = found
                return (
                    f"ERROR: Cannot install {first.name}{first.specifier} and {second.name}{second.specifier} because"
                    " these package versions have conflicting dependencies.\n\nThe conflict is caused by:\n"
                    f"    {first.said}\n    {second.said}\n\nERROR: ResolutionImpossible: the project's own lists\n"
                )
    return ""


def asked(call: Invocation, files: Mapping[str, str]) -> Iterator[Asked]:
    """Yield what one `pip install` is asked for: names, lists of requirements and constraints, the project itself."""
    before = ""
    for word in call.arguments[1:]:
        if before in _LISTS:
            kind = "(constraint) " if before in {"-c", "--constraint"} else ""
            yield from _listed(word.removeprefix("./"), kind, files, 0)
        elif word.split("[")[0].rstrip("/") == ".":
            extras = {part.strip() for part in word.partition("[")[2].rstrip("]").split(",")}
            yield from _own(extras, files)
        elif not word.startswith("-") and before not in {"-i", "--index-url", "-f", "--find-links"}:
            yield from _one(word, "The user requested ")
        before = word


def _listed(path: str, kind: str, files: Mapping[str, str], depth: int) -> Iterator[Asked]:
    folder = path.rpartition("/")[0]
    for line in files.get(path, "").splitlines() if depth < 5 else ():
        text = line.partition(" #")[0].strip()
        option, _, value = text.partition(" ")
        if option in _LISTS:
            inner = f"{folder}/{value.strip()}" if folder else value.strip()
            yield from _listed(inner, "(constraint) " if option[1:] in {"c", "-constraint"} else kind, files, depth + 1)
        else:
            yield from _one(text, f"The user requested {kind}")


def _own(extras: set[str], files: Mapping[str, str]) -> Iterator[Asked]:
    metadata = read({path: files[path] for path in metadata_files(files)})
    for one in metadata.dependencies:
        if one.format not in _SECOND and (not one.group or one.group in extras):
            yield from _one(one.requirement, f"{metadata.name or 'the project'} 0 depends on ")


def _one(text: str, lead: str) -> Iterator[Asked]:
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return
    if found.specifier and not found.url and (found.marker is None or found.marker.evaluate({"extra": ""})):
        yield Asked(canonical(found.name), str(found.specifier), f"{lead}{found.name}{found.specifier}")


def _apart(every: list[Asked]) -> tuple[Asked, Asked] | None:
    for at, one in enumerate(every):
        for other in every[at + 1 :]:
            if one.name == other.name and _exclude(one.specifier, other.specifier):
                return one, other
    return None


def _exclude(first: str, second: str) -> bool:
    """Return whether a pin of one lies outside the other; two ranges are taken to meet."""
    one, other = SpecifierSet(first), SpecifierSet(second)
    pins = ((spec.version, other) for spec in one if spec.operator == "==" and "*" not in spec.version)
    more = ((spec.version, one) for spec in other if spec.operator == "==" and "*" not in spec.version)
    return any(not against.contains(version, prereleases=True) for version, against in (*pins, *more))


def left_out(how: str, files: Mapping[str, str]) -> str:
    """Return the resolver's words about what an environment had to leave out, '' unless automation installs it too.

    `how` is the installer's account of an environment.
    """
    _, found, rest = how.partition("with uv from the project's metadata (without ")
    names, again, words = rest.partition(": not to be had together with the rest (")
    if not found or not again:
        return ""
    wanted = {
        (one.name, one.specifier) for call in calls(files) if call.tool in {"pip", "pip3"} for one in asked(call, files)
    }
    folder = ".github/workflows/"
    whole = any(_MANAGERS.search(files[path]) for path in files if path.startswith(folder))
    for text in names.split(", ") if not whole else ():
        if any((one.name, one.specifier) in wanted for one in _one(text, "")):
            return _in_lines(words)
    return _in_lines(words) if whole else ""


def _in_lines(words: str) -> str:
    """Return a resolver's words, kept in one line, in the lines that it wrote them in."""
    return words.replace(" error: ", "\nerror: ").replace(" cause: ", "\n  cause: ")
