"""The repository's own module names as a log shows them outside of tracebacks: sources, coverage, built projects."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.lines import Log
from bot.logs.paths import posix, relative
from bot.logs.patterns import rx

SOURCES = rx(r"(?:^|[\s\"'=(])(?P<head>[^\s\"'=(]*/)?src/(?P<name>[A-Za-z_]\w*)(?:\.py\b|[/:\s\"',)]|$)")
MEASURED = rx(r"--(?:cov|source|cover-package)[= ](?:\./)?(?:src/)?(?P<name>[A-Za-z_]\w*)")
BUILT = rx(
    r"^ *(?:Building editable for (?P<editable>[A-Za-z][\w.-]*) \("
    r"|Installing the current project: (?P<current>[\w.-]+) "
    r"|[+~] (?P<local>[A-Za-z][\w.-]*)==\S+ \(from file://|Built (?P<uv>[A-Za-z][\w.-]*) @ file://)"
)
AFFIXES = ("python_", "py_")


def own_names(log: Log, root: str) -> Iterator[str]:
    """Yield names that modules of the repository have, or may well have, in lower case where they are guessed.

    `root` is the checkout's path. A project is mostly imported by the name it is built under, without `python-`
    before or after it.
    """
    yield from guesses(posix(root).rpartition("/")[2])
    for hit in log.find(SOURCES):
        head = posix(hit["head"] + "x")
        if head == "x" or relative(head, root) == "x":
            yield hit["name"]
    for hit in log.find(MEASURED):
        yield hit["name"]
    for hit in log.find(BUILT):
        yield from guesses(hit["editable"] or hit["current"] or hit["local"] or hit["uv"])


def guesses(project: str) -> Iterator[str]:
    """Yield the names that a project of this name may be imported by."""
    name = project.lower().replace("-", "_").replace(".", "_")
    if not name:
        return
    yield name
    for affix in AFFIXES:
        yield name.removeprefix(affix)
        yield name.removesuffix("_" + affix.removesuffix("_"))
