"""What the tests cover of each file, from coverage.py's JSON, its database `.coverage`, and Cobertura XML."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from bot.logs.paths import posix, relative
from bot.telemetry import lines

LARGEST = 100_000_000  # bytes of a report
SQLITE = b"SQLite format 3\0"


class Covered(NamedTuple):
    """One file: the covered share (0 to 1; None when the report does not tell) and the lines that tests ran.

    Where the report has contexts, lines that ran outside of any test (when a module was imported) are in `outside`.
    """

    share: float | None
    lines: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()


class _Summary(msgspec.Struct):
    percent_covered: float


class _File(msgspec.Struct):
    summary: _Summary
    executed_lines: list[int] = []
    contexts: dict[str, list[str]] = {}


class _Report(msgspec.Struct):
    files: dict[str, _File]


def coverage_of(paths: Iterable[Path], checkout: Path | None = None) -> dict[str, Covered]:
    """Return what is covered of each file by the coverage reports among `paths`; a later report wins.

    Names become relative to the repository; a database, which knows no share, gets it from the source in `checkout`.
    """
    found: dict[str, Covered] = {}
    for path in paths:
        if path.stat().st_size <= LARGEST:
            found |= {_named(name, checkout): one for name, one in _of_any(path)}
    return {name: _shared(name, one, checkout) for name, one in found.items()}


def is_database(start: bytes) -> bool:
    """Return whether a file that starts like this may be coverage.py's database."""
    return start.startswith(SQLITE)


def _of_any(path: Path) -> Iterator[tuple[str, Covered]]:
    start = lines.head(path, 4096)
    if is_database(start):
        yield from _of_database(path)
    elif start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"branch_coverage"' in start:
        yield from _of_json(path)
    elif b"<coverage" in start and b"line-rate" in start:
        yield from _of_xml(path)


def _of_json(path: Path) -> Iterator[tuple[str, Covered]]:
    try:
        report = msgspec.json.decode(b"".join(lines.chunks(path, Counter())), type=_Report)
    except (msgspec.MsgspecError, RecursionError):
        return
    for name, file in report.files.items():
        outside = _outside({int(line): found for line, found in file.contexts.items() if line.isdecimal()})
        yield name, _apart(file.summary.percent_covered / 100, file.executed_lines, outside)


def _of_xml(path: Path) -> Iterator[tuple[str, Covered]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    sources: list[str] = []
    try:
        for _, node in iterparse(path):
            if node.tag == "source" and node.text:
                sources.append(node.text.strip())
            if node.tag == "class" and node.get("filename"):
                hit = [int(line.get("number", 0)) for line in node.iter("line") if line.get("hits", "0") != "0"]
                name = _below(sources, str(node.get("filename")))
                yield name, Covered(float(node.get("line-rate", 0)), tuple(sorted(set(hit))))
            if node.tag == "class":
                node.clear()
    except (ParseError, DefusedXmlException, ValueError):
        return


def _below(sources: list[str], name: str) -> str:
    """Return a file's path as far as the report tells: with several sources it does not tell which is meant."""
    whole = len(sources) == 1 and not posix(name).startswith("/") and posix(sources[0]) not in ("", ".")
    return f"{posix(sources[0]).rstrip('/')}/{posix(name)}" if whole else name


def _of_database(path: Path) -> Iterator[tuple[str, Covered]]:
    from coverage import CoverageData
    from coverage.exceptions import CoverageException

    data = CoverageData(basename=str(path), no_disk=False)
    try:
        data.read()
        for name in sorted(data.measured_files()):
            yield name, _apart(None, data.lines(name) or (), _outside(data.contexts_by_lineno(name)))
    except (CoverageException, sqlite3.Error):
        return
    finally:
        data.close()


def _outside(contexts: Mapping[int, Iterable[str]]) -> frozenset[int]:
    """Return the lines that ran in the context without a name only, when there are contexts with one."""
    named = {line for line, found in contexts.items() if any(found)}
    return frozenset(contexts) - named if named else frozenset()


def _apart(share: float | None, ran: Iterable[int], outside: frozenset[int]) -> Covered:
    lines = sorted(ran)
    return Covered(share, tuple(n for n in lines if n not in outside), tuple(n for n in lines if n in outside))


def _named(name: str, checkout: Path | None) -> str:
    """Return a path relative to the repository, where the report or the checkout tells which part of it that is."""
    short = relative(name, str(checkout.resolve()) if checkout else "")
    if checkout is None or (checkout / short).is_file():
        return short
    parts = short.strip("/").split("/")
    ends = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((end for end in ends if (checkout / end).is_file()), short)


def _shared(name: str, one: Covered, checkout: Path | None) -> Covered:
    if one.share is not None or checkout is None or not (checkout / name).is_file():
        return one
    from coverage.exceptions import CoverageException
    from coverage.parser import PythonParser

    try:
        parser = PythonParser(text=(checkout / name).read_text(encoding="utf-8", errors="replace"))
        parser.parse_source()
    except (CoverageException, OSError, ValueError, RecursionError):
        return one
    ran = parser.statements & parser.first_lines((*one.lines, *one.outside))
    return one._replace(share=len(ran) / len(parser.statements) if parser.statements else 1.0)
