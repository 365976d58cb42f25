"""Rust and Cython: errors of extensions that are built with cargo, maturin or cythonize."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

RUST = rx(r"^ *(?P<message>error(?:\[E\d{4}\])?: .*)$")
ARROW = rx(r"^ *--> (?P<file>[^:]+\.rs):(?P<line>\d{1,9}):\d+$")
CARGO = rx(r"^ *(?P<message>error: could not compile `(?P<name>[^`]+)`.*|💥 maturin failed)$")
CYTHON = rx(r"^ *Error compiling Cython file:$")
PLACE = rx(r"^ *(?P<file>\S+\.(?:pyx|pxd|pxi|py)):(?P<line>\d{1,9}):\d+: (?P<message>.*)$")
MICROSOFT = rx(
    r"^ *(?P<file>(?:[A-Za-z]:)?[^\s:(]+\.\w+)\((?P<line>\d{1,9})(?:,\d+)?\):"
    r" (?P<message>(?:fatal )?error [A-Z]{1,3}\d{4}: .*)$"
)
MOST_LINES = 40


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each error that the compiler places; what cargo sums up counts where it places none."""
    for arrow in log.find(ARROW):
        told = RUST.find(log.line(arrow.index - 1))
        if told is not None:
            yield _found(arrow.index - 1, "rustc", told["message"], project.path(arrow["file"]), arrow["line"])
    for hit in log.find(MICROSOFT):
        yield _found(hit.index, "msvc", hit["message"], project.path(hit["file"]), hit["line"])
        break
    for hit in log.find(CARGO):
        yield Found(hit.index, "packaging", "cargo", hit["message"], weight=Weight.HINT, confidence=0.5)
    for head in log.find(CYTHON):
        place = log.first(PLACE, head.index, head.index + MOST_LINES)
        if place is not None:
            yield _found(place.index, "cython", place["message"], project.path(place["file"]), place["line"])


def _found(index: int, tool: str, message: str, file: str, line: str) -> Found:
    return Found(index, "packaging", tool, message, file=file, line=int(line))
