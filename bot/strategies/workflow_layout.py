"""Repair the layout of a workflow file that YAML can't read: tabs, entries out of line with those beside them.

The lines around the one that the runner names are moved, and a change counts only when the whole file then has the
shape of a workflow. Where several different readings come out, nothing is proposed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

import re2

from bot.checks.discovery.from_workflows import yaml_values
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._text import edit, indent_of
from bot.strategies._workflow_shape import sound
from bot.strategies._workflows import told, workflows

_UNREADABLE = re2.compile(
    r"(?i)error in your yaml syntax|while (?:scanning|parsing)|mapping values are not allowed|did not find expected"
    r"|cannot start any token|A (?:sequence|mapping) was not expected|Unexpected value|Required property is missing"
    r"|is already defined|cannot have both|unidentified alias|unknown tag|did not find expected|mapping value"
)
_LINE = re2.compile(r"(?i)\.ya?ml#L(\d+)|\(?line:? (\d+)")
_NO_BLANK = re2.compile(r"^(\s*(?:- )?[\w-]+):([^\s:/].*)$")
_NO_DASH_BLANK = re2.compile(r"^(\s*)-([A-Za-z].*)$")
_NO_COLON = re2.compile(r"^(\s*(?:- )?[\w-]+)\s*$")
_VALUE = re2.compile(r"^(\s*(?:- )?)([\w-]+)(:\s+)(\S.*?)(\s*)$")
_BARE_ITEM = re2.compile(r"^(\s*- )([*&!%@`].*)$")
_NO_DASH = re2.compile(r"^(\s*)  ((?:uses|run|name):\s.*)$")
_AROUND = 4


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each workflow file that YAML can't read and that has one reading that makes sense."""
    said = told(diagnosis, codebase)
    if not _UNREADABLE.search(said):
        return
    numbers = sorted({int(a or b) for a, b in _LINE.findall(said)})
    for path in workflows(codebase):
        text = codebase.text(path)
        named = path in said or len(workflows(codebase)) == 1
        new = _mended(text, numbers) if named and not sound(yaml_values(text)) else None
        if new is not None:
            yield Proposal(
                strategy="workflow_layout",
                title=f"Repair the layout of {path}",
                edits=edit(path, text, new),
                confidence=0.88,
                why="YAML can't read the file as it stands; with these lines in place it is a workflow again.",
            )


def _mended(text: str, numbers: list[int]) -> str | None:
    """Return the text with its layout repaired, None when no change or more than one meaning makes it sound."""
    for tries in (_by_tabs(text), _by_line(text, numbers, _marked), _by_line(text, numbers, _moved)):
        readings: dict[str, str] = {}
        for new in tries:
            values = yaml_values(new)
            if sound(values):
                readings.setdefault(json.dumps(values, sort_keys=True, default=str), new)
        if readings:
            return next(iter(readings.values())) if len(readings) == 1 else None
    return None


def _by_tabs(text: str) -> Iterator[str]:
    """Yield the text with the tabs of its indentation gone, each such line in line with one above it."""
    lines = split_lines(text)
    if not any("\t" in indent_of(line) for line in lines):
        return
    for width in (2, 4, 8):
        yield "".join(indent_of(line).replace("\t", " " * width) + line.lstrip(" \t") for line in lines)
    yield "".join(_like_above(lines))


def _like_above(lines: list[str]) -> Iterator[str]:
    """Yield the lines, those with tabs indented like the nearest line above that begins as they do."""
    for at, line in enumerate(lines):
        if "\t" not in indent_of(line):
            yield line
            continue
        dash = line.lstrip().startswith("- ")
        above = [one for one in reversed(lines[:at]) if one.strip() and "\t" not in indent_of(one)]
        like = next((one for one in above if one.lstrip().startswith("- ") == dash), "")
        yield indent_of(like) + line.lstrip(" \t")


def _by_line(text: str, numbers: list[int], change: Callable[[list[str], int], Iterator[str]]) -> Iterator[str]:
    """Yield the text with one line near those named changed, the nearest first."""
    lines = split_lines(text)
    for number in numbers:
        around = range(max(0, number - 1 - _AROUND), min(len(lines), number + 1))
        for at in sorted(around, key=lambda one: abs(one - number + 1)):
            yield from change(lines, at)


def _marked(lines: list[str], at: int) -> Iterator[str]:
    """Yield the text with a line given the blank or colon that it lacks."""
    body = lines[at].rstrip("\r\n")
    end = lines[at][len(body) :]
    made = [str(_NO_BLANK.sub(r"\1: \2", body)), str(_NO_DASH_BLANK.sub(r"\1- \2", body))]
    if at + 1 < len(lines) and len(indent_of(lines[at + 1])) > len(indent_of(body)):
        made.append(str(_NO_COLON.sub(r"\1:", body)))
    made += [str(_NO_DASH.sub(r"\1- \2", body)), str(_BARE_ITEM.sub(r'\1"\2"', body)), _quoted(body)]
    for new in made:
        if new != body:
            yield "".join([*lines[:at], new + end, *lines[at + 1 :]])


def _quoted(body: str) -> str:
    """Return a line whose value YAML takes for something else as the plain text that it was meant to be."""
    found = _VALUE.search(body)
    if not found or found.group(4)[0] in "|>'#" or found.group(4).startswith("${{"):
        return body
    lead, key, colon, value, _ = found.groups()
    if not (": " in value or value[0] in '*&!%@`"{[' or value.endswith(":")):
        return body
    if key == "if":
        return f"{lead}{key}{colon}${{{{ {value} }}}}"
    if key == "run":
        return f"{lead}{key}: |\n{' ' * (len(lead) + 2)}{value}"
    return f"{lead}{key}{colon}'{value.replace(chr(39), chr(39) * 2)}'"


def _moved(lines: list[str], at: int) -> Iterator[str]:
    """Yield the text with a line, alone or with those below that belong to it, at another depth."""
    body = lines[at]
    if not body.strip() or body.lstrip().startswith("#"):
        return
    near = [line for line in lines[max(0, at - 12) : at + 6] if line.strip()]
    places = {len(indent_of(line)) for line in near} | {len(indent_of(line)) + 2 for line in near}
    own = len(indent_of(body))
    for end in dict.fromkeys((at + 1, _block_end(lines, at))):
        for place in sorted(places - {own}, key=lambda one: abs(one - own)):
            shifted = [_shifted(line, place - own) for line in lines[at:end]]
            yield "".join([*lines[:at], *shifted, *lines[end:]])


def _block_end(lines: list[str], at: int) -> int:
    """Return the line behind the lines that are deeper than line `at`."""
    own, end = len(indent_of(lines[at])), at + 1
    while end < len(lines) and (not lines[end].strip() or len(indent_of(lines[end])) > own):
        end += 1
    return end


def _shifted(line: str, by: int) -> str:
    return " " * max(0, len(indent_of(line)) + by) + line.lstrip(" ") if line.strip() else line
