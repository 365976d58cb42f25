"""Bring examples and links in the prose up to date with the files and names that are really there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import hunks, split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._classes import module_names
from bot.strategies._near import nearest
from bot.strategies._prose import meant_page, relative
from bot.strategies._text import edit

_WORD = re2.compile(r"[A-Za-z_]\w*")


def _link(what: str, path: str, codebase: Codebase) -> tuple[str, str]:
    """Return what the link says and the file it must have meant, seen from the page."""
    page = meant_page(what, path, codebase)
    return what, relative(page, str(PurePosixPath(path).parent)) if page else ""


def _before(path: str, line: int, names: set[str], codebase: Codebase) -> str:
    """Return the one of the names that the line said in the last good version of the page, '' for none or several."""
    for hunk in hunks(codebase.good.get(path, ""), codebase.text(path)):
        if hunk.after_line <= line < hunk.after_line + len(hunk.after):
            said, says = (set(_WORD.findall("".join(lines))) for lines in (hunk.before, hunk.after))
            meant = (said - says) & names
            return meant.pop() if len(meant) == 1 else ""
    return ""


def _import(what: str, place: tuple[str, int], codebase: Codebase) -> tuple[str, str]:
    """Return the statement of an example and what it must say now: the name's new home, or its new spelling."""
    module, _, name = what.rpartition(".")
    homes = {
        codebase.module_name(symbol.file)
        for symbol in codebase.find(name)
        if symbol.qualname == name and not codebase.is_test(symbol.file)
    } - {""}
    if len(homes) == 1:
        return f"from {module} import {name}", f"from {homes.pop()} import {name}"
    if homes:
        return name, ""
    real = {n for n in module_names(module, codebase) if not n.startswith("_")}
    near = nearest(name, real)
    return name, _before(*place, real, codebase) or (near[0] if near else "")


@strategy(causes=("example-import", "broken-link"), trust="glance", kind="docs", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the correction when one file or name is certainly meant."""
    path, what = diagnosis.file, diagnosis.details.get("what", "")
    if path not in codebase.files or not what:
        return
    old, new = (
        _link(what, path, codebase)
        if diagnosis.pattern == "broken-link"
        else _import(what, (path, diagnosis.line), codebase)
    )
    if not new or new == old:
        return
    text = codebase.text(path)
    if diagnosis.pattern == "broken-link":
        changed = text.replace(f"]({old}", f"]({new}")
    else:
        changed = _in_code(text, old, new, diagnosis.line)
    edits = edit(path, text, changed)
    if edits:
        yield Proposal(
            strategy="stale_prose",
            title=f"Say {new} instead of {old} in {path}",
            edits=edits,
            confidence=0.85,
            why=f"`{what}` is not there any more; `{new}` is.",
        )


def _in_code(text: str, old: str, new: str, line: int) -> str:
    """Return the text with a name replaced as a whole word from a line to the end of its example."""
    lines = split_lines(text)
    pattern = re2.compile(rf"\b{re2.escape(old)}\b")
    at = max(line - 1, 0)
    while at < len(lines) and not lines[at].strip().startswith("```"):
        if lines[at].strip() and not lines[at][0].isspace() and not text.count("```"):
            break
        lines[at] = str(pattern.sub(new, lines[at]))
        at += 1
    return "".join(lines)
