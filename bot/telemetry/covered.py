"""How much of each file the tests cover, from coverage.py's JSON and from Cobertura XML."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from bot.telemetry import lines

LARGEST = 100_000_000  # bytes of a report


class _Summary(msgspec.Struct):
    percent_covered: float


class _File(msgspec.Struct):
    summary: _Summary


class _Report(msgspec.Struct):
    files: dict[str, _File]


def coverage_of(paths: Iterable[Path]) -> dict[str, float]:
    """Return the covered share (0 to 1) of each file in the coverage reports among `paths`; a later report wins."""
    found: dict[str, float] = {}
    for path in paths:
        start = lines.head(path, 4096)
        if path.stat().st_size > LARGEST:
            continue
        if start.lstrip().startswith(b"{") and b'"branch_coverage"' in start:
            found |= _of_json(path)
        elif b"<coverage" in start and b"line-rate" in start:
            found |= _of_xml(path)
    return found


def _of_json(path: Path) -> dict[str, float]:
    try:
        report = msgspec.json.decode(path.read_bytes(), type=_Report)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return {name.replace("\\", "/"): file.summary.percent_covered / 100 for name, file in report.files.items()}


def _of_xml(path: Path) -> dict[str, float]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    found: dict[str, float] = {}
    try:
        for _, node in iterparse(path):
            if node.tag == "class" and node.get("filename"):
                found[str(node.get("filename")).replace("\\", "/")] = float(node.get("line-rate", 0))
            if node.tag == "class":
                node.clear()
    except (ParseError, DefusedXmlException, ValueError):
        return found
    return found
