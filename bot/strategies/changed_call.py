"""Write calls of changed library functions anew: `utcnow()`, `pkg_resources`, `distutils`, dropped keywords, and so on.

The forms are in `data/calls.toml`, with sources. A call that does not fit a form exactly is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._keywords import drop, rename_keyword
from bot.strategies._porting import port, proposal
from bot.strategies._rewrites import move, rewrite_calls
from bot.strategies._sites import sites
from bot.strategies._tables import Change, Keyword, calls, keywords, moves, named_rows, spoken, words


def _rewrite(unit: Unit, rows: tuple[Change, ...]) -> list[str]:
    made = [row.old for row in rows if row.template and rewrite_calls(unit, row.template)]
    made += [row.old for row in rows if row.new and move(unit, row.old, row.new)]
    return made


def _keyword(unit: Unit, row: Keyword) -> bool:
    changed = False
    for _ in range(50):
        found = next(
            (
                (call, word)
                for call in ast.walk(unit.tree)
                if isinstance(call, ast.Call) and unit.origin(call.func) in row.apis
                for word in call.keywords
                if word.arg == row.name and (not row.value or ast.unparse(word.value) == row.value)
            ),
            None,
        )
        if found is None:
            break
        call, word = found
        unit.become(rename_keyword(unit.text, word, row.becomes) if row.becomes else drop(unit.text, call, word))
        changed = True
    return changed


@strategy(
    causes=("import-error", "missing-dependency", "test-failure", "removed-api", "error", "dependency", "type"),
    trust="glance",
    prior=0.9,
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port for the calls and keywords of libraries that an error speaks of."""
    found = sites(diagnosis, codebase)
    said = words(site.message for site in found)
    rows = named_rows((*calls(), *moves()), found, codebase)
    renamed = [row for row in keywords() if row.name in said]
    done: list[str] = []

    def change_all(unit: Unit, path: str) -> bool:
        made = _rewrite(unit, rows) + [f"{row.name}=" for row in renamed if _keyword(unit, row)]
        done.extend(made)
        return bool(made)

    mentions = tuple(row.old.rpartition(".")[2] for row in rows) + tuple(row.name for row in renamed)
    edits = port(codebase, mentions, change_all)
    told = {row.old for row in rows if spoken(row, found, codebase)} | {f"{row.name}=" for row in renamed}
    if edits and told.intersection(done) and not set(done) <= {row.old for row in moves()}:
        why = "the library changed these calls; `data/calls.toml` tells how, with sources."
        yield proposal("changed_call", done, edits, 0.88, why)
