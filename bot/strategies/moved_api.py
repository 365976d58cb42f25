"""Port names that a library moved or removed: standard library, numpy, pandas, pydantic, SQLAlchemy, and others.

Where each name went is in `data/moves.toml`, with sources. When an error speaks of one of them, all of the same
library that the installed version no longer has are ported at once, wherever the project uses them.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._porting import port, proposal
from bot.strategies._rewrites import move
from bot.strategies._sites import sites
from bot.strategies._tables import moves, named_rows, spoken


@strategy(
    causes=("import-error", "missing-dependency", "test-failure", "removed-api", "error", "dependency", "type"),
    trust="auto",
    prior=0.95,
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port when an error shows that a library moved a name which the project uses."""
    found = sites(diagnosis, codebase)
    rows = named_rows(moves(), found, codebase)
    done: list[str] = []

    def change_all(unit: Unit, path: str) -> bool:
        made = [row.old for row in rows if move(unit, row.old, row.new)]
        done.extend(made)
        return bool(made)

    edits = port(codebase, tuple(row.old.rpartition(".")[2] for row in rows), change_all)
    if edits and any(row.old in done and spoken(row, found, codebase) for row in rows):
        library = next(row.library for row in rows if row.old in done)
        why = f"{library} no longer has these names; `data/moves.toml` tells where they went, with sources."
        yield proposal("moved_api", done, edits, 0.93, why)
