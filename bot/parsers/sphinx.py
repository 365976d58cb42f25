"""Sphinx: warnings that fail the build, errors of sources, configuration and extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

STRICT = rx(
    r"sphinx-build\b.* -[A-Za-z]*W\b|--fail-on-warning|SPHINXOPTS=.*-[A-Za-z]*W|[Ww]arnings? treated as errors?"
    r"|fail_on_warning"
)
PROGRESS = (
    r"(?:(?:[a-z]+ing [a-z -]+(?: in \w+ \(code: \w+\))?\.\.\.|highlighting module code\.\.\.)"
    r"(?: \[ *\d+%\])?(?: [\w./-]+)? +)?"
)
FINDING = rx(
    r"^" + PROGRESS + r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.(?:rst|md|py|txt|ipynb|inc))(?::docstring of"
    r" (?P<object>[^:]+))?:(?:(?P<line>\d{1,9}):)? (?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<message>.*)$"
)
BARE = rx(
    r"^(?P<level>WARNING|ERROR): (?P<message>(?:autodoc: |failed to |document |toctree |unknown |undefined "
    r"|intersphinx |while setting up |html_|logo file|the |extension |favicon "
    r"|[Uu]nsupported |Invalid |duplicate |template |could not |cannot |more than "
    r"|[\w.]+ reference target not found).*)$"
)
NOT_IMPORTED = rx(r"^WARNING: (?P<message>autodoc: failed to import .*)$")
SHOWS = rx(r"WARNING: auto\w+: failed to import .*; the following exception was raised:$")
MOST = 100  # warnings that show a traceback
LONGEST = 80  # lines of one
TREATED = rx(r"^Warning, treated as error:$")
PLACED = rx(r"^(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.(?:rst|md|py|txt|ipynb)):(?:(?P<line>\d{1,9}):)? ?(?P<message>.*)$")
BROKEN = rx(r"^(?P<what>(?:Sphinx|Extension|Configuration|Theme) error)(?: \([^)]*\))?(?P<end>[:!])$")
RAISED = rx(r"^ *sphinx\.errors\.\w+: (?P<message>.*)$")
INSIDE = rx(r"^    (?P<exception>(?:[a-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception)): (?P<message>.*)$")
FRAME = rx(r"^ *File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9}), in \S+$")
GOOD = rx(r"^build succeeded.*$")
NOT_LOADED = rx(r"^(?:sphinx\.errors\.)?ExtensionError: (?P<message>\S.*)$")
LINK = rx(r"^\( *(?:(?P<file>[^:]+): )?line +(?P<line>\d{1,9})\) broken +(?P<message>\S.*)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each warning of a strict build, and the errors of any build."""
    if log.first(STRICT) is not None:
        for hit in log.find(FINDING):
            found = _found(hit.index, _whole(log, hit), hit["file"], hit["line"], project)
            yield replace(found, details={"object": hit["object"]}) if hit["object"] else found
        for hit in log.find(BARE):
            yield _found(hit.index, hit["message"], "", "", project)
    else:
        yield from _unsure(log, project)
    yield from _shown_below(log)
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "sphinx", True)
    for hit in log.find(TREATED):
        placed = PLACED.find(log.line(hit.index + 1))
        file, line = (placed["file"], placed["line"]) if placed else ("", "")
        yield _found(hit.index + 1, placed["message"] if placed else log.line(hit.index + 1), file, line, project)
    for hit in log.find(BROKEN):
        raised = log.first(RAISED, hit.index, hit.index + 60) if hit["end"] == "!" else None
        inner = list(log.find(INSIDE, raised.index + 1, raised.index + 60)) if raised else []
        if inner and log.line(raised.index if raised else 0).endswith("configuration file:"):
            yield _configured(log, inner[-1], project)
            continue
        index = raised.index if raised else hit.index + 1
        yield _found(index, raised["message"] if raised else log.line(index), "", "", project)
    for hit in log.find(LINK):
        yield _found(hit.index, f"broken link {hit['message']}", hit["file"], hit["line"], project)


def _shown_below(log: Log) -> Iterator[Claim]:
    """A traceback that a warning shows is the warning's: the build went on after it."""
    findings = [hit.index for pattern in (FINDING, BARE) for hit in log.find(pattern)]
    for hit in islice(log.find(SHOWS), MOST):
        end = min((at for at in findings if at > hit.index), default=len(log))
        yield Claim(hit.index, min(end, hit.index + LONGEST), "sphinx")


def _whole(log: Log, hit: Hit) -> str:
    """What a finding says, with the line below it where that is what tells."""
    message = str(hit["message"])
    tells_below = message.endswith(("directive:", "directive path:", "Malformed table."))
    return f"{message} {log.line(hit.index + 1).strip()}" if tells_below else message


def _unsure(log: Log, project: Project) -> Iterator[Found]:
    """The first error of sources, or of an extension that did not load, where a log does not say if it was strict."""
    for hit in list(log.find(FINDING))[:1]:
        found = _found(hit.index, hit["message"], hit["file"], hit["line"], project)
        yield replace(found, weight=Weight.HINT, confidence=0.45)
    for hit in list(log.find(NOT_IMPORTED))[:1]:
        found = _found(hit.index, hit["message"], "", "", project)
        yield replace(found, weight=Weight.HINT, confidence=0.45)
    for hit in list(log.find(NOT_LOADED))[:1]:
        yield replace(_found(hit.index, hit["message"], "", "", project), weight=Weight.HINT, confidence=0.5)


def _configured(log: Log, raised: Hit, project: Project) -> Found:
    """What `conf.py` raised, at its own frame."""
    frames = list(log.find(FRAME, max(0, raised.index - 60), raised.index))
    own = [hit for hit in frames if hit["file"].endswith("conf.py")]
    klass = classify(raised["exception"], raised["message"], own=project.own)
    return replace(
        _found(
            raised.index, raised["message"], own[-1]["file"] if own else "", own[-1]["line"] if own else "", project
        ),
        exception=raised["exception"],
        klass="docs" if klass == "test-failure" else klass,
    )


def _found(index: int, message: str, file: str, line: str, project: Project) -> Found:
    return Found(
        index,
        "docs",
        "sphinx",
        message.strip(),
        None,
        None,
        project.path(file) if file else None,
        int(line) if line else None,
    )
