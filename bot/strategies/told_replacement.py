"""Take the name that the library itself says to use instead of the one it dropped.

Only where the old name stands on a line that the error passed through and both are names of the same owner, keywords
of a call, or texts; what else it could mean is left to people.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._keywords import rename_keyword
from bot.strategies._sites import Site, sites
from bot.strategies._text import attribute_span, edit, replace, source

_NAME = r"[`'\"]{0,3}(?:[\w.]+\.)?([A-Za-z_]\w*)(?:\(\))?(?:\(\.\.\.\))?[`'\"]{0,3}"
_SENTENCES = (
    re2.compile(rf"(?i){_NAME} (?:\w+ )?(?:is|was|has been|are)(?: now| no longer)?"
        r" (?:deprecated|removed|renamed|obsolete|supported)"
                rf"[^\n]{{0,160}}?(?:[Uu]se|renamed to|favor of|replaced by|superseded by)(?: the)?(?: new)?"
                rf"(?: method| function| keyword| argument| attribute| parameter)? {_NAME}(?: |\.|,|;|$)"),
    re2.compile(rf"(?i)[Uu]se {_NAME} instead of {_NAME}"),
    re2.compile(rf"(?i){_NAME} (?:has been |was )?(?:renamed|changed) to {_NAME}"),
)  # fmt: skip
_WORDS = frozenset(
    "it this that the a an instead of method function argument keyword parameter attribute class".split()
)


def _pairs(message: str) -> Iterator[tuple[str, str]]:
    """Yield (dropped name, name to use) as a message says it."""
    for at, sentence in enumerate(_SENTENCES):
        for first, second in sentence.findall(message):
            old, new = (second, first) if at == 1 else (first, second)
            if old != new and not {old.lower(), new.lower()} & _WORDS:
                yield old, new


def _changed(text: str, tree: ast.Module, lines: set[int], old: str, new: str) -> str:
    """Return the text with the old name replaced on these lines: attributes and keywords first, else a whole text."""
    near = [
        n for n in ast.walk(tree) if lines & set(range(getattr(n, "lineno", 0), (getattr(n, "end_lineno", 0) or 0) + 1))
    ]
    attributes = [n for n in near if isinstance(n, ast.Attribute) and n.attr == old]
    if attributes:
        return replace(text, [(attribute_span(node), new) for node in attributes])
    words = [n for n in near if isinstance(n, ast.keyword) and n.arg == old]
    if words:
        return rename_keyword(text, words[0], new)
    texts = [n for n in near if isinstance(n, ast.Constant) and n.value == old]
    return replace(text, [(node, source(text, node).replace(old, new)) for node in texts])


def _warns(site: Site) -> bool:
    ends = ("Warning", "AttributeError", "TypeError", "ValueError", "ImportError", "UserError", "RuntimeError")
    return site.exception.endswith(ends)


@strategy(causes=("test-failure", "removed-api", "error", "dependency", "type"), trust="glance", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file and pair of names that an error tells."""
    seen: set[tuple[str, str, str]] = set()
    for site in (one for one in sites(diagnosis, codebase) if _warns(one)):
        for old, new in dict.fromkeys(_pairs(site.message)):
            for path in dict.fromkeys(path for path, _ in site.places):
                tree, text = codebase.tree(path), codebase.text(path)
                lines = {line for file, line in site.places if file == path}
                edits = edit(path, text, _changed(text, tree, lines, old, new)) if tree else ()
                if edits and (path, old, new) not in seen:
                    seen.add((path, old, new))
                    yield Proposal(
                        strategy="told_replacement",
                        title=f"Use {new} instead of {old} in {path}",
                        edits=edits,
                        confidence=0.8,
                        why=f"the error itself says that `{new}` takes the place of `{old}`.",
                    )
