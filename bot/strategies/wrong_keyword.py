"""Correct a keyword argument that the called function does not have to the one it has.

The parameters are read from the definition; where a test or an unchanged caller says otherwise, the parameter is
renamed in the definition instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._blame import definition_is_wrong
from bot.strategies._calls import Callee, calls_near, resolve
from bot.strategies._near import nearest
from bot.strategies._sites import Site, named
from bot.strategies._text import Span, edit, replace

_UNEXPECTED = re2.compile(
    r"""got an unexpected keyword argument '(\w+)'|'(\w+)' is an invalid keyword|Unexpected keyword argument "(\w+)\""""
)


def _keyword_at(site: Site, keyword: str, codebase: Codebase) -> tuple[str, ast.Call, ast.keyword] | None:
    """Return (file, call, keyword) of the call that gave the keyword, nearest to the error first."""
    for path, line in site.places:
        for call in reversed(calls_near(path, line, codebase, slack=2)):
            for word in call.keywords:
                if word.arg == keyword:
                    return path, call, word
    return None


def _word_span(word: ast.keyword) -> Span:
    return Span(word.lineno, word.col_offset, word.lineno, word.col_offset + len((word.arg or "").encode()))


def _parameter(old: str, new: str, callee: Callee, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edit that renames a parameter of a definition and its uses inside."""
    node, text = callee.node, codebase.text(callee.path)
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} if node else {new}
    if node is None or new in names:
        return ()
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    changes: list[tuple[Span | ast.AST, str]] = [
        (Span(a.lineno, a.col_offset, a.lineno, a.col_offset + len(old.encode())), new)
        for a in arguments
        if a.arg == old
    ]
    changes += [(n, new) for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == old]
    return edit(callee.path, text, replace(text, changes))


def _wrong(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[Site, str]]:
    for site in named(diagnosis, codebase, "TypeError", ""):
        found = _UNEXPECTED.search(site.message)
        if found:
            yield site, next(group for group in found.groups() if group)


@strategy(causes=("wrong-argument", "test-failure", "type", "error"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each unexpected keyword with one parameter near enough."""
    for site, keyword in _wrong(diagnosis, codebase):
        found = _keyword_at(site, keyword, codebase)
        callee = resolve(found[1], found[0], codebase) if found else None
        if found is None or callee is None or keyword in callee.all_names:
            continue
        path, call, word = found
        given = {other.arg for other in call.keywords} | set(callee.parameters[: len(call.args)])
        best = nearest(keyword, {name for name in callee.all_names if name not in given})
        if best is None:
            continue
        if callee.path and definition_is_wrong(path, callee.path, codebase):
            edits, what = _parameter(best[0], keyword, callee, codebase), f"parameter {best[0]} to {keyword}"
        else:
            text = codebase.text(path)
            edits = edit(path, text, replace(text, [(_word_span(word), best[0])]))
            what = f"keyword {keyword} to {best[0]}"
        if edits:
            yield Proposal(
                strategy="wrong_keyword",
                title=f"Correct {what} of {callee.name}",
                edits=edits,
                confidence=best[1],
                why=f"`{callee.name}` has no parameter `{keyword}`; `{best[0]}` is the only one that near.",
            )
