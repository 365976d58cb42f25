"""Documentation pages and the names that can be referred to in them."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._near import nearest
from bot.strategies._sites import sites

_LABEL = re2.compile(r"(?m)^\s*\.\. _([^:`]+):")
_HEADING = re2.compile(r"(?m)^#{1,6}\s+(.+?)\s*#*\s*(?:\{#([\w-]+)\}\s*)?$")
_PAGES = (".rst", ".md", ".txt", ".ipynb")


@dataclass(frozen=True)
class Complaint:
    """One thing a documentation builder complains about; `line` is 0 when it names none."""

    message: str
    path: str
    line: int


def complaints(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[Complaint]:
    """Yield the complaints of a diagnosis with the page each is about ('' when it names none), each once."""
    seen: set[Complaint] = set()
    objects = {failure.message: failure.detail("object") for failure in diagnosis.failures}
    for site in sites(diagnosis, codebase):
        path, line = site.places[0] if site.places else ("", 0)
        if objects.get(site.message) and path.endswith(".py"):
            line = _in_docstring(codebase, path, objects[site.message], line)
        found = Complaint(site.message, path, line)
        if site.message and found not in seen:
            seen.add(found)
            yield found


def _in_docstring(codebase: Codebase, path: str, dotted: str, line: int) -> int:
    """Return the line of a file that is line `line` of the docstring of an object, 0 when it has none there."""
    tree = codebase.tree(path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            name = getattr(node, "name", "")
            own = (
                dotted.endswith(f".{name}")
                if name
                else dotted in codebase.modules or f"src.{dotted}" in codebase.modules
            )
            if own and ast.get_docstring(node, clean=False) is not None:
                return node.body[0].lineno + line - 1
    return 0


def anchors(text: str) -> frozenset[str]:
    """Return the anchors of a Markdown page: its headings', as Python-Markdown makes them, and explicit ones."""
    found = {given or slug(title) for title, given in _HEADING.findall(text)}
    return frozenset(found - {""})


def slug(title: str) -> str:
    """Return the anchor that Python-Markdown's `toc` extension gives a title."""
    kept = str(re2.sub(r"[^\w\s-]", "", title)).strip().lower()
    return str(re2.sub(r"[-\s]+", "-", kept))


def pages(codebase: Codebase) -> tuple[str, ...]:
    """Return the paths of all documentation pages."""
    return tuple(sorted(path for path in codebase.files if path.endswith(_PAGES)))


def labels(codebase: Codebase) -> frozenset[str]:
    """Return the explicit labels of all reStructuredText pages, in lower case as Sphinx keeps them."""
    texts = (codebase.text(path) for path in pages(codebase) if path.endswith((".rst", ".txt")))
    return frozenset(label.strip().lower() for text in texts for label in _LABEL.findall(text))


def relative(path: str, start: str) -> str:
    """Return a path as seen from the folder `start`, with POSIX separators."""
    target, base = PurePosixPath(path).parts, PurePosixPath(start).parts
    same = 0
    while same < min(len(target) - 1, len(base)) and target[same] == base[same]:
        same += 1
    return "/".join([*[".."] * (len(base) - same), *target[same:]])


def meant_page(target: str, near: str, codebase: Codebase) -> str:
    """Return the one file that a link to `target` in the page `near` must have meant, '' when there is no one.

    A file of the same name somewhere else, else one whose name is a slip away in the same folder. A target without
    an ending names a page.
    """
    whole = bool(PurePosixPath(target).suffix)
    files = {path: _name(path, whole=whole) for path in (codebase.files if whole else pages(codebase))}
    wanted = _name(target, whole=whole)
    same = [path for path, name in files.items() if name == wanted]
    if same:
        return same[0] if len(same) == 1 else ""
    folder = posixpath.normpath(str((PurePosixPath(near).parent / target).parent))
    folders = {folder, str(PurePosixPath(near).parent)}
    close = {path: name for path, name in files.items() if str(PurePosixPath(path).parent) in folders}
    best = nearest(wanted, close.values())
    found = [path for path, name in close.items() if best and name == best[0]]
    return found[0] if len(found) == 1 else ""


def _name(path: str, *, whole: bool) -> str:
    return PurePosixPath(path).name if whole else PurePosixPath(path).stem
