"""Correct a misspelt attribute or method to the one that the class or module really has.

The error names the class or module; its attributes are read from the project, the builtins or the standard library.
When every reader spells it so and only the definition differs, the definition is what is corrected.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._blame import definition_is_wrong
from bot.strategies._classes import attributes, class_node, module_names
from bot.strategies._near import nearest
from bot.strategies._rename import rename
from bot.strategies._sites import Site, named
from bot.strategies._text import attribute_span, edit, replace

_OF_OBJECT = re2.compile(r"^'(\w+)' object has no attribute '(\w+)'")
_OF_TYPE = re2.compile(r"^type object '(\w+)' has no attribute '(\w+)'")
_BY_CHECKER = re2.compile(
    r'^(Module )?"(?:type\[)?([\w.]+)(?:\[[^"]*\])?\]?" has no attribute "(\w+)"(?:; maybe "(\w+)")?'
)
_OF_MODULE = re2.compile(r"^module '([\w.]+)' has no attribute '(\w+)'")


def _owner(site: Site, codebase: Codebase) -> tuple[str, str, set[str]]:
    """Return (owner, attribute, the owner's real attributes); empty texts when the message names none."""
    for pattern in (_OF_OBJECT, _OF_TYPE):
        if found := pattern.search(site.message):
            return found.group(1), found.group(2), attributes(found.group(1), codebase) or set()
    if found := _OF_MODULE.search(site.message):
        return found.group(1), found.group(2), module_names(found.group(1), codebase)
    if found := _BY_CHECKER.search(site.message):
        module, owner, attribute, _ = found.groups()
        real = module_names(owner, codebase) if module else attributes(owner, codebase)
        return owner, attribute, real or set()
    return "", "", set()


def _uses(attribute: str, path: str, line: int, codebase: Codebase) -> list[ast.Attribute]:
    """Return the reads of an attribute by the statement on a line, those on the line itself where there are any."""
    tree = codebase.tree(path)
    near = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Attribute) and node.attr == attribute
        and abs((node.end_lineno or node.lineno) - line) <= 3
    ]  # fmt: skip
    return [node for node in near if node.end_lineno == line] or near


def _home(owner: str, codebase: Codebase) -> str:
    """Return the file of the project that defines the owner, '' when it is not the project's."""
    found = class_node(owner, codebase)
    return found[0] if found else codebase.modules.get(owner, "")


def _edits(use: str, uses: list[ast.Attribute], meant: str, home: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edits of the place that reads, or of the definition where that is what is wrong."""
    attribute = uses[0].attr
    if home and definition_is_wrong(use, home, codebase):
        return rename(meant, attribute, codebase)
    text = codebase.text(use)
    return edit(use, text, replace(text, [(attribute_span(node), meant) for node in uses]))


def _everywhere(attribute: str, home: str, codebase: Codebase) -> int:
    """Return how many files other than the owner's own read an attribute of that name."""
    files = set()
    for path in codebase.python_files:
        tree = codebase.tree(path) if attribute in codebase.text(path) else None
        if tree and any(isinstance(n, ast.Attribute) and n.attr == attribute for n in ast.walk(tree)):
            files.add(path)
    return len(files - {home})


@strategy(causes=("misspelt-attribute", "import-error", "test-failure", "type", "error"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the correction of the reader or of the definition, when one real attribute is near enough."""
    for site in named(diagnosis, codebase, "AttributeError", ""):
        owner, attribute, real = _owner(site, codebase)
        best = (site.meant, 0.93) if site.meant in real else nearest(attribute, real) if owner else None
        found = next(((p, uses) for p, line in site.places if (uses := _uses(attribute, p, line, codebase))), None)
        if best is None or found is None:
            continue
        home = _home(owner, codebase)
        if _everywhere(attribute, home, codebase) > 1 + _everywhere(best[0], home, codebase):
            continue  # many readers agree on the name: it was never written, or means something else
        edits = _edits(found[0], found[1], best[0], home, codebase)
        if edits:
            yield Proposal(
                strategy="misspelt_attribute",
                title=f"Make .{attribute} and .{best[0]} one name in {edits[0].path}",
                edits=edits,
                confidence=best[1],
                why=f"`{owner}` has no `{attribute}`; `{best[0]}` is the only name that near.",
            )
