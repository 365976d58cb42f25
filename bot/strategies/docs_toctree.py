"""Bring a table of contents in step with the pages: list a page that none lists, drop an entry that has no page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._prose import complaints, meant_page, relative
from bot.strategies._text import edit, indent_of

_UNLISTED = "document isn't included in any toctree"
_NO_PAGE = re2.compile(r"toctree contains reference to nonexisting document '([^']+)'")
_INDEXES = ("index.rst", "index.md", "contents.rst")


def _trees(lines: list[str]) -> list[tuple[int, int]]:
    """Return (first, last) line of the entries of each toctree, from 0; directives without entries are left out."""
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        fence = line.lstrip().startswith(("```{toctree}", ":::{toctree}"))
        if line.strip() != ".. toctree::" and not fence:
            continue
        own, end, entries = len(indent_of(line)), at + 1, list[int]()
        while end < len(lines) and (not lines[end].strip() or fence or len(indent_of(lines[end])) > own):
            text = lines[end].strip()
            if fence and text[:3] in {"```", ":::"}:
                break
            if text and not text.startswith((":", "-")):
                entries.append(end)
            end += 1
        if entries and not any("*" in lines[entry] for entry in entries):
            found.append((entries[0], entries[-1]))
    return found


def _index(page: str, codebase: Codebase) -> str:
    """Return the index page of the folder of a page, or of the nearest folder above it that has one; or ''."""
    for folder in PurePosixPath(page).parents:
        for name in _INDEXES:
            path = str(folder / name)
            if path in codebase.files and path != page and _trees(split_lines(codebase.text(path))):
                return path
    return ""


def _listed(page: str, codebase: Codebase) -> tuple[str, str] | None:
    """Return the index page and its text with the page as its last entry, None when it has several trees."""
    path = _index(page, codebase)
    lines = split_lines(codebase.text(path)) if path else []
    trees = _trees(lines)
    if len(trees) != 1:
        return None
    last = trees[0][1]
    entry = str(PurePosixPath(relative(page, str(PurePosixPath(path).parent))).with_suffix(""))
    body = lines[last].rstrip("\r\n")
    if not lines[last].endswith("\n"):
        lines[last] += "\n"
    lines.insert(last + 1, f"{indent_of(body)}{entry}\n")
    return path, "".join(lines)


def _dropped(text: str, entry: str) -> str:
    """Return the text without an entry; one that stands alone stays, for a tree without entries is wrong too."""
    lines = split_lines(text)
    for first, last in _trees(lines):
        entries = [at for at in range(first, last + 1) if lines[at].strip()]
        gone = [at for at in entries if lines[at].strip().strip("/") == entry.strip("/")]
        if gone and len(entries) > len(gone):
            return "".join(line for at, line in enumerate(lines) if at not in gone)
    return text


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each page or entry that stands alone; an entry near to a page is another strategy's."""
    for complaint in complaints(diagnosis, codebase):
        made = _listed(complaint.path, codebase) if complaint.path and _UNLISTED in complaint.message else None
        if made:
            yield Proposal(
                strategy="docs_toctree",
                title=f"List {PurePosixPath(complaint.path).stem} in {made[0]}",
                edits=edit(made[0], codebase.text(made[0]), made[1]),
                confidence=0.85,
                why="no table of contents leads to this page; this is the one of its folder.",
            )
        for entry in _NO_PAGE.findall(complaint.message) if complaint.path else ():
            text = codebase.text(complaint.path)
            edits = edit(complaint.path, text, _dropped(text, entry.rpartition("/")[2]))
            edits = edits or edit(complaint.path, text, _dropped(text, entry))
            if edits and not meant_page(entry, complaint.path, codebase):
                yield Proposal(
                    strategy="docs_toctree",
                    title=f"Drop {entry} from {complaint.path}",
                    edits=edits,
                    confidence=0.75,
                    why=f"there is no page {entry}, nor one of a name near to it.",
                )
