"""Give a method the `self` (or `cls`) that it is called with."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._calls import functions, is_static
from bot.strategies._sites import named
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, offsets

_ONE_MORE = re2.compile(
    r"^(?:([\w.]+)\.)?(\w+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given"
)
_FIRST = frozenset({"self", "cls", "mcs", "mcls", "_", "_self", "_cls", "klass", "this"})


@strategy(causes=("wrong-argument", "test-failure", "error"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a method takes exactly one argument less than it is given and has no `self`."""
    for site in named(diagnosis, codebase, "TypeError"):
        found = _ONE_MORE.search(site.message)
        if not found or int(found.group(4)) != int(found.group(3)) + 1:
            continue
        wanted = f"{found.group(1)}.{found.group(2)}" if found.group(1) else found.group(2)
        homes = {symbol.file for symbol in codebase.find(found.group(2)) if not codebase.is_test(symbol.file)}
        for path in sorted(homes):
            for qualname, node, owner in functions(path, codebase):
                names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
                if owner is None or wanted not in {qualname, node.name} or is_static(node) or _FIRST & set(names[:1]):
                    continue
                first = "cls" if any(dotted(d) == "classmethod" for d in node.decorator_list) else "self"
                text = codebase.text(path)
                start, _ = offsets(text, Span(node.lineno, node.col_offset, node.lineno, node.col_offset))
                at = text.index("(", start) + 1
                after = (
                    text[:at] + first + (", " if names or node.args.kwonlyargs or node.args.vararg else "") + text[at:]
                )
                yield Proposal(
                    strategy="missing_self",
                    title=f"Give {qualname} its {first}",
                    edits=edit(path, text, after),
                    confidence=0.93,
                    why=f"`{qualname}` is a method, called with an instance, and has no parameter for it.",
                )
