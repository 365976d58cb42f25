"""Move inline flags of a regular expression to its start, the only place that Python 3.11 takes them at."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import edit, replace, source

_FLAGS = re2.compile(r"\(\?([aiLmsux]+)\)")
_LITERAL = re2.compile(r"^([rRuUbB]{0,2})(\"\"\"|'''|\"|')")


def _moved(text: str) -> str:
    """Return the source of a literal with its global flags in front."""
    head = _LITERAL.search(text)
    if head is None:
        return text
    flags = "".join(dict.fromkeys("".join(_FLAGS.findall(text))))
    start = head.end()
    return f"{text[:start]}(?{flags}){_FLAGS.sub('', text[start:])}"


def _patterns(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            shown = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            found = _FLAGS.search(shown)
            if found and found.start() > 0 and "(?#" not in shown and "\\(" not in shown:
                yield node


@strategy(causes=("test-failure", "import-error", "error", "removed-api"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the files that an error about misplaced flags passed through."""
    found = [site for site in sites(diagnosis, codebase) if "global flags not at the start" in site.message]
    edits: list[FileEdit] = []
    for path in sorted({place[0] for site in found for place in site.places}):
        tree, text = codebase.tree(path), codebase.text(path)
        spots = [(node, _moved(source(text, node))) for node in _patterns(tree)] if tree else []
        edits += edit(path, text, replace(text, spots))
    if edits:
        yield Proposal(
            strategy="regex_flags",
            title=f"Put the flags first in the patterns of {edits[0].path}",
            edits=tuple(edits),
            confidence=0.93,
            why="flags such as `(?i)` hold for the whole pattern; Python 3.11 takes them at its start only.",
        )
