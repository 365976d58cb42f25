"""Repair the markup of a documentation page that its builder refuses: options, tables, emphasis, headings, targets.

Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html and
https://www.sphinx-doc.org/en/master/usage/restructuredtext/directives.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._prose import complaints, pages
from bot.strategies._rst_tables import redrawn
from bot.strategies._text import edit, indent_of

_OPTIONS = frozenset(
    "linenos lineno-start emphasize-lines caption name class dedent force language lines start-after end-before"
    " start-at end-at pyobject diff encoding append prepend tab-width lineno-match maxdepth hidden glob titlesonly"
    " numbered includehidden reversed alt height width scale align target figwidth figclass loading members undoc-"
    " members private-members special-members inherited-members show-inheritance no-index noindex synopsis platform"
    " deprecated member-order exclude-members ignore-module-all imported-members no-value header-rows stub-columns"
    " widths header file url delim quote local depth backlinks toctree template recursive nosignatures module".split()
)
_OPTION = re2.compile(r'unknown option: "([\w-]+)"')
_SUBSTITUTION = re2.compile(r'Undefined substitution referenced: "([^"]+)"')
_DEFINED = re2.compile(r"\.\. \|([^|]+)\| \w+::")
_TARGET = re2.compile(r'Unknown target name: "([^"]+)"')
_TARGETS = re2.compile(r"(?m)^\s*\.\. _([^:`]+):|`([^`<>]+) <[^`]+>`_")
_TERM = re2.compile(r"term not in glossary: '([^']+)'")
_TWICE = re2.compile(r'Duplicate explicit target name: "([^"]+)"')
_LEVELS = re2.compile(r"Non-consecutive header level increase; H(\d) to H(\d)")
_STAR = re2.compile(r"(^|[\s(,\[])(\*{1,2}[A-Za-z_]\w*)($|[\s),.\];:])")
_LITERAL = re2.compile(r"``([^`\n]+)`($|[^`])")
_LITERAL_END = re2.compile(r"(^|[^`:\w])`([^`\n]+)``")
Lines = list[str]


def _option(lines: Lines, at: int, message: str) -> Lines | None:
    for name in _OPTION.findall(message):
        near = nearest(name, _OPTIONS)
        for place in range(at, min(at + 8, len(lines))):
            if near and lines[place].strip().startswith(f":{name}:"):
                return [*lines[:place], lines[place].replace(f":{name}:", f":{near[0]}:", 1), *lines[place + 1 :]]
    return None


def _content(lines: Lines, at: int, message: str) -> Lines | None:
    """Indent the paragraph below a directive that has no content of its own."""
    at = next(
        (one for one in (at, at + 1, at - 1) if 0 <= one < len(lines) and lines[one].lstrip().startswith(".. ")), -1
    )
    own = indent_of(lines[at]) if at >= 0 else ""
    first = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), -1) if at >= 0 else -1
    if first < 0 or indent_of(lines[first]) != own or lines[first].lstrip().startswith(".."):
        return None
    end = next((n for n in range(first, len(lines)) if not lines[n].strip()), len(lines))
    if any(set(line.strip()) <= set("=-~^") for line in lines[first:end]):
        return None
    return [*lines[:first], *(f"   {line}" for line in lines[first:end]), *lines[end:]]


def _inline(lines: Lines, at: int, message: str) -> Lines | None:
    """Write stars that belong to a name, and literals that end with another mark than they begin, as literals."""
    end = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
    new = list(lines)
    for n in range(max(at, 0), end):
        line = lines[n]
        if "literal" in message or "interpreted" in message:
            line = str(_LITERAL_END.sub(r"\1``\2``", str(_LITERAL.sub(r"``\1``\2", line))))
        elif line.count("*") % 2 or "**" in line:
            line = str(_STAR.sub(r"\1``\2``\3", str(_STAR.sub(r"\1``\2``\3", line))))
        new[n] = line
    return new


def _forced(lines: Lines, at: int, message: str) -> Lines | None:
    """Keep the highlighting of a block that is not quite in its language, as examples with gaps are."""
    if not 0 <= at < len(lines) or not lines[at].lstrip().startswith((".. code-block::", ".. code::")):
        return None
    return [*lines[: at + 1], f"{indent_of(lines[at])}   :force:\n", *lines[at + 1 :]]


def _unlisted(lines: Lines, at: int, message: str) -> Lines | None:
    """Leave the second description of an object out of the index."""
    if not 0 <= at < len(lines) or not lines[at].lstrip().startswith(".. ") or "::" not in lines[at]:
        return None
    return [*lines[: at + 1], f"{indent_of(lines[at])}   :no-index:\n", *lines[at + 1 :]]


def _shallower(lines: Lines, at: int, message: str) -> Lines | None:
    """Raise a heading of Markdown, and those of its section, to the level below the heading above."""
    found = _LEVELS.search(message)
    if not found or not 0 <= at < len(lines) or not lines[at].startswith("#"):
        return None
    above, own = int(found.group(1)), int(found.group(2))
    new, fenced = list(lines), False
    for n in range(at, len(lines)):
        fenced = fenced != lines[n].startswith(("```", "~~~"))
        depth = len(lines[n]) - len(lines[n].lstrip("#")) if not fenced else 0
        if n > at and 0 < depth < own:
            break
        new[n] = lines[n][own - above - 1 :] if depth >= own else lines[n]
    return new


def _anonymous(lines: Lines, at: int, message: str) -> Lines | None:
    """Let links that share their text name no target: nothing refers to them by it."""
    names = {name.lower() for name in _TWICE.findall(message)}
    pattern = re2.compile(r"(`([^`<>]+?)\s+<[^`]+>`_)($|[^_])")
    return [
        str(pattern.sub(lambda m: m.group(1) + ("_" if m.group(2).lower() in names else "") + m.group(3), line))
        for line in lines
    ]


def _first_heading(lines: Lines, at: int, message: str) -> Lines | None:
    n = next((n for n, line in enumerate(lines) if line.startswith("#")), -1)
    return [*lines[:n], f"# {lines[n].lstrip('#').lstrip()}", *lines[n + 1 :]] if n >= 0 else None


_REPAIRS: dict[str, Callable[[Lines, int, str], Lines | None]] = {
    "unknown option": _option, "Content block expected": _content, "start-string without end-string": _inline,
    "resulted in an error at token": _forced, "duplicate object description": _unlisted,
    "Non-consecutive header level": _shallower,
    "Duplicate explicit target name": _anonymous, "Document headings start at": _first_heading,
    "Malformed table": lambda lines, at, message: redrawn(lines, at),
}  # fmt: skip


def _renamed(message: str, path: str, codebase: Codebase) -> tuple[str, str] | None:
    """Return (old, new) text for a name that a page uses and that is a slip away from one that is defined."""
    texts = [codebase.text(page) for page in (*pages(codebase), *(p for p in codebase.files if p.endswith("conf.py")))]
    for name in _SUBSTITUTION.findall(message):
        near = nearest(name, {found for text in texts for found in _DEFINED.findall(text)})
        return (f"|{name}|", f"|{near[0]}|") if near else None
    for name in _TARGET.findall(message):
        known = {(a or b).strip().lower() for a, b in _TARGETS.findall(codebase.text(path))}
        near = nearest(name, known)
        if near:
            return (f"{name}_", f"{near[0]}_") if " " not in name else (f"`{name}`_", f"`{near[0]}`_")
        return (f"{name}_", f"``{name}_``") if "_" in name or codebase.find(f"{name}_") else None
    for name in _TERM.findall(message):
        near = nearest(name, _terms(texts))
        return (f":term:`{name}`", f":term:`{near[0]}`") if near else None
    return None


def _terms(texts: Iterable[str]) -> set[str]:
    """Return the terms of all glossaries: the lines one step inside one, with something deeper below."""
    found: set[str] = set()
    for text in texts:
        lines = split_lines(text)
        for at, line in enumerate(lines):
            if line.strip() == ".. glossary::":
                body = [one for one in lines[at + 1 :] if one.strip() and not one.strip().startswith(":")]
                inner = indent_of(body[0]) if body else ""
                found |= {one.strip() for one in body if inner and indent_of(one) == inner}
    return found


def _titled(message: str, codebase: Codebase) -> tuple[str, str] | None:
    """Return path and text of a page that a table of contents lists and that has no title, with one."""
    found = re2.search(r"reference to document '([^']+)' that doesn't have a title", message)
    path = next(
        (p for p in pages(codebase) if found and str(PurePosixPath(p).with_suffix("")).endswith(found.group(1))), ""
    )
    if not path or not found:
        return None
    title = found.group(1).rpartition("/")[2].replace("_", " ").replace("-", " ").capitalize()
    head = f"# {title}\n\n" if path.endswith(".md") else f"{title}\n{'=' * len(title)}\n\n"
    return path, head + codebase.text(path)


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.82)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all such places, each page repaired from its end upwards."""
    texts: dict[str, str] = {}
    for complaint in sorted(complaints(diagnosis, codebase), key=lambda one: (one.path, -one.line)):
        titled = _titled(complaint.message, codebase)
        if titled and titled[0] not in texts:
            texts[titled[0]] = titled[1]
        if not complaint.path:
            continue
        text = texts.get(complaint.path, codebase.text(complaint.path))
        repair = next((made for said, made in _REPAIRS.items() if said in complaint.message), None)
        lines = repair(split_lines(text), complaint.line - 1, complaint.message) if repair else None
        pair = _renamed(complaint.message, complaint.path, codebase)
        texts[complaint.path] = text.replace(*pair) if pair else "".join(lines) if lines else text
    edits: list[FileEdit] = []
    for path, text in texts.items():
        edits += edit(path, codebase.text(path), text)
    if edits:
        yield Proposal(
            strategy="docs_markup",
            title=f"Repair the markup of {edits[0].path}",
            edits=tuple(edits),
            confidence=0.87,
            why="the builder says what is wrong there, and the text that readers see stays the same.",
        )
