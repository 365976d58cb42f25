"""Say how SQLite keeps dates and times: the ways that Python had for it are deprecated since 3.12.

Source: https://docs.python.org/3/library/sqlite3.html#default-adapters-and-converters-deprecated
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._sites import sites

_SAID = re2.compile(r"The default (datetime|date|timestamp) (adapter|converter) is deprecated")
# what the deprecated ways did, written out
_LINES = {
    ("datetime", "adapter"): '{register}({datetime}, lambda value: value.isoformat(" "))',
    ("date", "adapter"): "{register}({date}, lambda value: value.isoformat())",
    ("timestamp", "converter"): '{convert}("timestamp", lambda value: {datetime}.fromisoformat(value.decode()))',
    ("date", "converter"): '{convert}("date", lambda value: {date}.fromisoformat(value.decode()))',
}
_APIS = {
    "register": "sqlite3.register_adapter", "convert": "sqlite3.register_converter", "datetime": "datetime.datetime",
    "date": "datetime.date",
}  # fmt: skip


def _registered(text: str, kinds: list[tuple[str, str]]) -> str:
    """Return the text with the adapters and converters registered below its imports."""
    unit = Unit(text)
    names = Names(unit)
    rows: list[str] = []
    for kind in kinds:
        spelt = {key: names.spell(api) for key, api in _APIS.items() if f"{{{key}}}" in _LINES[kind]}
        if None in spelt.values():
            return text
        rows.append(_LINES[kind].format(**spelt))
    with_imports(unit, names.imports)
    last = max((n.end_lineno or 0 for n in unit.tree.body if isinstance(n, ast.Import | ast.ImportFrom)), default=0)
    lines = split_lines(unit.text)
    return "".join([*lines[:last], "\n", *(f"{row}\n" for row in rows), *lines[last:]])


@strategy(causes=("test-failure", "error", "removed-api"), trust="glance", prior=0.86)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the files at fault that keep dates in SQLite."""
    found = [site for site in sites(diagnosis, codebase) if _SAID.search(site.message)]
    kinds = [kind for site in found for kind in _SAID.findall(site.message) if kind in _LINES]
    paths = {path for site in found for path, _ in site.places if not codebase.is_test(path)}
    edits: list[FileEdit] = []
    for path in sorted(paths):
        text = codebase.text(path)
        if "sqlite3" in text and "register_adapter" not in text and codebase.tree(path):
            edits.append(FileEdit(path=path, text=_registered(text, list(dict.fromkeys(kinds)))))
    changed = tuple(one for one in edits if one.text != codebase.text(one.path))
    if changed:
        yield Proposal(
            strategy="sqlite_adapter",
            title=f"Say how SQLite keeps times in {changed[0].path}",
            edits=changed,
            confidence=0.87,
            why="the default ways are deprecated; the same ways are written out.",
        )
