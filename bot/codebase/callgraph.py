"""Who calls a function, and which tests reach it, as far as names and imports tell without running anything.

A plain or module-qualified call counts when the file's imports lead to the symbol; a call on an object counts for
every method of that name, since its class is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bot.codebase.symbols import Call, Symbol

if TYPE_CHECKING:
    from bot.codebase.repository import Codebase

DEPTH = 6
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})


def by_last_name(calls: Iterable[Call]) -> Mapping[str, tuple[Call, ...]]:
    """Return calls by the last part of what they call."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.name.rpartition(".")[2], []).append(call)
    return {name: tuple(some) for name, some in found.items()}


def callers(codebase: Codebase, symbol: Symbol) -> tuple[Call, ...]:
    """Return the calls that may reach a function, method or class, by file and line."""
    wanted = _constructed(codebase, symbol)
    found: set[Call] = set()
    for file in {wanted.file, *_users(codebase, wanted)}:
        for name in _local_names(codebase, file, wanted):
            found.update(call for call in codebase.calls(file) if call.name == name)
    if wanted.kind == "method":
        found.update(call for call in codebase.calls_of(wanted.name) if "." in call.name)
    return tuple(sorted(found, key=lambda call: (call.file, call.line, call.name)))


def _constructed(codebase: Codebase, symbol: Symbol) -> Symbol:
    """A constructor is called by its class's name."""
    if symbol.name not in _CONSTRUCTORS or "." not in symbol.qualname:
        return symbol
    owner = symbol.qualname.rpartition(".")[0]
    return next((one for one in codebase.symbols(symbol.file) if one.qualname == owner), symbol)


def _users(codebase: Codebase, symbol: Symbol) -> set[str]:
    """Return the files that import the symbol's module, and those that import a package which passes the symbol on."""
    direct = set(codebase.importers(symbol.file))
    passing = [file for file in direct if file.endswith("__init__.py")]
    return direct | {user for file in passing for user in codebase.importers(file)}


def _local_names(codebase: Codebase, file: str, symbol: Symbol) -> Iterable[str]:
    """Yield the dotted names by which a file calls a symbol."""
    if file == symbol.file:
        yield symbol.qualname
        if symbol.kind == "function":
            yield symbol.name
    module = codebase.module_name(symbol.file)
    for one in codebase.imports(file):
        target = codebase.absolute(file, one)
        for name, bound in zip(one.names, one.bound, strict=False):
            if name == symbol.qualname.partition(".")[0] and f"{module}.".startswith(f"{target}."):
                yield bound + symbol.qualname[len(name) :]
            elif f"{target}.{name}" == module:
                yield f"{bound}.{symbol.qualname}"
        if not one.names and target and f"{module}.".startswith(f"{target}."):
            yield f"{one.alias or target}.{symbol.qualname}"


def reaching_tests(codebase: Codebase, symbol: Symbol, depth: int = DEPTH) -> tuple[str, ...]:
    """Return the ids of the test functions from which calls lead to a symbol in at most `depth` steps."""
    seen = {(symbol.file, symbol.qualname)}
    front = [symbol]
    found: set[str] = set()
    for _ in range(depth):
        calls = {(call.file, call.caller) for one in front for call in callers(codebase, one) if call.caller}
        new = calls - seen
        seen |= new
        symbols = [_function(codebase, file, name) for file, name in sorted(new)]
        front = [one for one in symbols if one]
        found.update(test_id(one) for one in front if codebase.is_test(one.file) and one.name.startswith("test"))
    return tuple(sorted(found))


def _function(codebase: Codebase, file: str, qualname: str) -> Symbol | None:
    return next((one for one in codebase.symbols(file) if one.qualname == qualname and one.kind != "variable"), None)


def test_id(symbol: Symbol) -> str:
    """Return the id under which pytest runs a test function: `path::Class::test`."""
    return f"{symbol.file}::{symbol.qualname.replace('.', '::')}"
