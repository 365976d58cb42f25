"""A literal that the failing test holds: the whole of it, or the words of it that contain the one here."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, quote_of
from bot.search.site import Change, Site

_ALIKE = 0.6
_WORDS = 8
_NEARBY = 0.3  # of what only other tests hold


def _phrases(hint: str, old: str) -> Iterator[tuple[str, float]]:
    """Yield the hint, and the runs of its words that hold the old literal, short ones first."""
    yield hint, 1.0
    words = hint.split(" ")
    kept = old.strip()
    for length in range(1, min(len(words), _WORDS) + 1):
        for first in range(len(words) - length + 1):
            phrase = " ".join(words[first : first + length])
            if phrase != hint and kept and kept in phrase:
                yield phrase, 2.0
    if kept and kept in hint:
        yield hint, 2.0


def _alike(one: str, two: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= _ALIKE


@operator(nodes=(ast.Constant,), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield the test's numbers for a number, and for a string its phrases that contain or resemble it.

    Of the tests beside it only phrases that contain the string.
    """
    value = site.node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        for number in site.hints.numbers[:12]:
            if number != value:
                yield site.replace(site.node, repr(number), 0.7)
        return
    quote = quote_of(site, site.node)
    if not quote or len(value) > 100 or isinstance(site.view.parent(site.node), ast.Expr | ast.JoinedStr):
        return
    seen = {value}
    for hints, likely in ((site.hints.strings, 1.0), (site.hints.nearby, _NEARBY)):
        for hint in hints:
            for phrase, weight in _phrases(hint, value):
                if phrase not in seen and (weight > 1 or (likely == 1 and (not value or _alike(phrase, value)))):
                    seen.add(phrase)
                    yield site.replace(site.node, literal(phrase, quote), weight * likely)
