"""What generated documentation claims of running code, in blocks that can be found, checked and written anew.

A block is a comment, `<!-- selfheal:KIND NAME: VALUES -->`, and the lines behind it up to an empty line. The kinds are
`order` (the handlers of a sequence, in order) and `errors` (the exceptions that a handler was seen to raise).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

_CLAIM = re2.compile(r"^<!-- selfheal:(order|errors) (\S+): (.*) -->$")
NONE = "none"


@dataclass(frozen=True)
class Claim:
    """One claim: its line from 1, what kind it is, what it is about, and what it says."""

    line: int
    kind: str
    name: str
    values: tuple[str, ...]


def claims(text: str) -> Iterator[Claim]:
    """Yield the claims of a page."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _CLAIM.search(line.strip())
        if found:
            kind, name, said = found.groups()
            values = (value.strip() for value in said.split(">" if kind == "order" else ","))
            yield Claim(number, kind, name, tuple(value for value in values if value and value != NONE))


def block(kind: str, name: str, values: tuple[str, ...]) -> str:
    """Return a claim as the lines of a page, each with its end; what is no plain name is made one."""
    name, values = _plain(name), tuple(map(_plain, values))
    between = " > " if kind == "order" else ", "
    head = f"<!-- selfheal:{kind} {name}: {between.join(values) or NONE} -->\n"
    if kind == "order":
        return head + "".join(f"{number}. `{value}`\n" for number, value in enumerate(values, 1))
    said = ", ".join(f"`{value}`" for value in values) or "no error"
    return f"{head}Seen in telemetry: {said}.\n"


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "._:[]()-/" else "-" for char in name[:200])


def rewritten(text: str, claim: Claim, values: tuple[str, ...]) -> str:
    """Return a page with one claim saying something else."""
    lines = text.split("\n")
    end = claim.line
    while end < len(lines) and lines[end].strip():
        end += 1
    new = block(claim.kind, claim.name, values).split("\n")[:-1]
    return "\n".join([*lines[: claim.line - 1], *new, *lines[end:]])
