"""Port methods and attributes that a library renamed: `assertEquals`, `iteritems`, `parse_obj`, and so on.

Names that could be anything (`dict`, `append`) change only on the lines that an error points at; telling ones change
everywhere. `data/methods.toml` has the sources.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.distributions import is_stdlib
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._porting import port, proposal
from bot.strategies._rewrites import arguments, filled
from bot.strategies._sites import sites
from bot.strategies._tables import Method, methods, words
from bot.strategies._text import attribute_span, replace, source

_OBJECT = re2.compile(r"'(\w+)' object has no attribute")


def _nodes(unit: Unit, name: str, lines: frozenset[int]) -> list[ast.Attribute]:
    """Return the attributes of that name on objects, not on modules: on these lines, or anywhere without any."""
    return [
        node
        for node in ast.walk(unit.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == name
        and not unit.origin(node.value)
        and (not lines or lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
    ]


def _rename(unit: Unit, row: Method, lines: frozenset[int]) -> bool:
    spans = [attribute_span(node) for node in _nodes(unit, row.name, lines)]
    if spans:
        unit.become(replace(unit.text, [(span, row.new) for span in spans]))
    return bool(spans)


def _rewrite(unit: Unit, row: Method, lines: frozenset[int]) -> bool:
    template, changed = row.template, False
    for _ in range(20 if template else 0):
        wanted = {id(node): node for node in _nodes(unit, row.name, lines)}
        made = None
        for call in (n for n in ast.walk(unit.tree) if isinstance(n, ast.Call) and id(n.func) in wanted):
            given = arguments(unit.text, call, template.parameters) if template else None
            if template is None or given is None or len(given) < len(template.parameters):
                continue
            names = Names(unit)
            given["self"] = source(unit.text, wanted[id(call.func)].value)
            made = filled(template.text, given, names.spell)
            if made is not None:
                unit.become(replace(unit.text, [(call, made)]))
                with_imports(unit, names.imports)
                changed = True
                break
        if made is None:
            break
    return changed


def _concerns(unit: Unit, row: Method) -> bool:
    return row.anywhere or any(o.partition(".")[0] == row.library for o in unit.origins.values())


@strategy(
    causes=("test-failure", "removed-api", "error", "dependency", "type", "import-error"), trust="glance", prior=0.88
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port for the methods that an error calls missing or deprecated."""
    found = [site for site in sites(diagnosis, codebase) if _about_a_name(site.exception, site.message)]
    said = words(site.message for site in found)
    kinds = {str(named.group(1)) for site in found if (named := _OBJECT.search(site.message))}
    # some warnings tell only what to use instead, e.g. `parser.read_file()`
    rows = [row for row in methods() if (row.name in said or (row.sure and row.new in said)) and _may_have(row, kinds)]
    places = {place for site in found for place in site.places}
    done: list[str] = []

    def change_all(unit: Unit, path: str) -> bool:
        made = []
        for row in rows:
            lines = frozenset(line for file, line in places if file == path)
            if (row.sure and _concerns(unit, row)) or lines:
                change = _rename if row.new else _rewrite
                if change(unit, row, frozenset() if row.sure and _concerns(unit, row) else lines):
                    made.append(row.name)
        done.extend(made)
        return bool(made)

    edits = port(codebase, tuple(row.name for row in rows), change_all) if rows else ()
    if edits:
        why = "the object no longer has this method; `data/methods.toml` tells what replaced it, and from which source."
        yield proposal("renamed_method", [f".{name}" for name in done], edits, 0.9, why)


def _may_have(row: Method, kinds: set[str]) -> bool:
    """Return whether one of the classes that an error names may be of the library that renamed the method."""
    own = kinds - {"NoneType"}
    foreign = {kind for kind in own if not hasattr(builtins, kind)}
    return not kinds or bool(foreign) or (bool(own) and is_stdlib(row.library))


def _about_a_name(exception: str, message: str) -> bool:
    return exception.endswith(("AttributeError", "Warning")) or "deprecated" in message or "no attribute" in message
