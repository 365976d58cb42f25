"""Report files: what tools wrote for machines, told from logs by their content."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.logs.limits import Bounds
from bot.logs.patterns import rx

XML = rx(r"^(?:\xef\xbb\xbf)?\s*<(?:\?xml\b|testsuites?\b|coverage\b|!DOCTYPE\b)")
SQLITE = b"SQLite format 3\0"
DEPTH = Bounds().depth
JSON_STARTS = (b"{", b"[")


@dataclass(frozen=True)
class Report:
    """One report as bytes; `json` is its content when it is one valid JSON document."""

    name: str
    data: bytes

    @cached_property
    def json(self) -> object:
        """Return the decoded document, or None when it is none (broken, or nested too deep)."""
        if not self.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(JSON_STARTS):
            return None
        try:
            return json.loads(self.data.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None

    @property
    def is_xml(self) -> bool:
        """Return whether it looks like one of the XML reports."""
        return XML.first(self.data[:4096]) >= 0


def looks_like_report(start: bytes) -> bool:
    """Return whether a file that starts like this may be a report: XML, a database of coverage, or JSON."""
    return (
        start.startswith(SQLITE)
        or XML.first(start[:4096]) >= 0
        or start[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(JSON_STARTS)
    )


def xml_events(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield ("start" or "end", element) of an XML report, parsed without entities so that a small file can't grow.

    Raises `ValueError` (also as its parser's errors) where it is broken, declares entities or is nested too deep.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end")):
            depth += 1 if event == "start" else -1
            if depth > DEPTH:
                raise ValueError("nested too deep")
            yield event, element
    except (ParseError, DefusedXmlException) as error:
        raise ValueError(str(error)) from None


def text(value: object) -> str:
    """Return a JSON value as text, empty for anything that is not text or a number."""
    return str(value) if isinstance(value, str | int | float) else ""


def number(value: object) -> int | None:
    """Return a JSON value as a positive whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def items(value: object, key: str) -> list[dict[str, object]]:
    """Return the objects in the list under `key` of a JSON object, empty for anything else."""
    found = value.get(key) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def at(value: object, *keys: str | int) -> object:
    """Return what lies under a path of keys and indexes, or None where the path ends."""
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value
