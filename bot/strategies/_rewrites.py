"""Rewrite what a file says of an API: names that moved, calls that must be written in another form."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import re2

from bot.strategies._apis import Names, Unit, drop_line, guarded, imports_in, references, with_imports
from bot.strategies._statements import without_name
from bot.strategies._text import replace, source

_REFERENCE = re2.compile(r"<([\w.]+)>")
_ARGUMENT = re2.compile(r"\{(\w+)\}")
_OWNER = re2.compile(r"\{(\w+)\}(\.| in | if | or | and | [-+*/%=<>])")


def _aliases(unit: Unit, api: str) -> Iterator[tuple[ast.ImportFrom, ast.alias]]:
    module, _, name = api.rpartition(".")
    skip = guarded(unit.tree)
    for node in imports_in(unit.tree):
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level and node.lineno not in skip:
            yield from ((node, alias) for alias in node.names if alias.name == name)


def move(unit: Unit, old: str, new: str) -> bool:
    """Let the file say `new` wherever it says the API `old`; `new` may begin with `-`. Return whether it changed."""
    if not unit.mentions(old):
        return False
    before = unit.text
    _move_references(unit, old, new)
    for _ in range(20):
        found = next(_aliases(unit, old), None)
        if found is None or not _move_alias(unit, found[0], found[1], new.lstrip("-")):
            break
    plain = [(a, f"{new} as {a.asname}") for a in _modules(unit, old) if a.asname and "." in new + old]
    if plain:
        unit.become(replace(unit.text, plain))
    return unit.text != before


def _modules(unit: Unit, module: str) -> Iterator[ast.alias]:
    skip = guarded(unit.tree)
    for node in imports_in(unit.tree):
        if isinstance(node, ast.Import) and node.lineno not in skip:
            yield from (alias for alias in node.names if alias.name == module)


def _move_references(unit: Unit, old: str, new: str) -> None:
    nodes = references(unit, old)
    name = old.rpartition(".")[2]
    # a name imported bare keeps its spelling where that stays right: only its import moves
    keeps = {node.id for node in nodes if isinstance(node, ast.Name)} - {name}
    keeps |= {name} if new.rpartition(".")[2] == name else set()
    nodes = [node for node in nodes if not (isinstance(node, ast.Name) and node.id in keeps)]
    names = Names(unit)
    spelt = names.spell(new.lstrip("-")) if nodes else None
    if spelt is None:
        return
    sign = "-" if new.startswith("-") else ""
    unit.become(replace(unit.text, [(node, sign + spelt) for node in nodes]))
    with_imports(unit, names.imports)


def _move_alias(unit: Unit, node: ast.ImportFrom, alias: ast.alias, new: str) -> bool:
    """Take one name out of a from-import, or import it from its new home; its uses are already rewritten or keep."""
    module, _, name = new.rpartition(".")
    local = alias.asname or alias.name
    used = any(isinstance(n, ast.Name) and n.id == local for n in ast.walk(unit.tree))
    if len(node.names) == 1:
        if not used or module == "builtins":
            return drop_line(unit, node)
        unit.become(replace(unit.text, [(node, _statement(module, name, local))]))
        return True
    unit.become(replace(unit.text, [without_name(unit.text, node, alias)]))
    if used and module != "builtins":
        with_imports(unit, [_statement(module, name, local)])
    return True


def _statement(module: str, name: str, local: str) -> str:
    bound = name if name == local else f"{name} as {local}"
    return f"from {module} import {bound}" if module else f"import {bound}"


@dataclass(frozen=True)
class Template:
    """A call as it must now be written: `<dotted.api>` names an API, `{name}` puts in the source of an argument.

    `parameters` name the arguments of the old call in order, all of which must be given; `when` tells which of them
    must be given exactly so.
    """

    api: str
    text: str
    parameters: tuple[str, ...] = ()
    when: tuple[tuple[str, str], ...] = ()


def rewrite_calls(unit: Unit, template: Template) -> bool:
    """Write every call of the template's API anew; calls that don't fit the parameters stay. Return whether any did."""
    if not unit.mentions(template.api):
        return False
    before = unit.text
    for _ in range(50):
        calls = [n for n in ast.walk(unit.tree) if isinstance(n, ast.Call) and unit.origin(n.func) == template.api]
        calls = [call for call in calls if call.lineno not in guarded(unit.tree)]
        done = next((call for call in calls if _rewrite(unit, call, template)), None)
        if done is None:
            break
    return unit.text != before


def _rewrite(unit: Unit, call: ast.Call, template: Template) -> bool:
    given = arguments(unit.text, call, template.parameters)
    if given is None or len(given) < len(template.parameters) or any(given[k] != v for k, v in template.when):
        return False
    names = Names(unit)
    text = filled(template.text, given, names.spell)
    if text is None:
        return False
    unit.become(replace(unit.text, [(call, text)]))
    with_imports(unit, names.imports)
    return True


def arguments(text: str, call: ast.Call, parameters: tuple[str, ...]) -> dict[str, str] | None:
    """Return the source of each argument by parameter, None when the call has others."""
    if any(isinstance(a, ast.Starred) for a in call.args) or len(call.args) > len(parameters):
        return None
    if any(keyword.arg not in parameters for keyword in call.keywords):
        return None
    given = {name: source(text, a) for name, a in zip(parameters, call.args, strict=False)}
    return given | {keyword.arg or "": source(text, keyword.value) for keyword in call.keywords}


def filled(template: str, given: Mapping[str, str], spell: Callable[[str], str | None]) -> str | None:
    """Return a template with arguments and API names put in, None when one of them can't be had."""
    for name in dict.fromkeys(_ARGUMENT.findall(template)):
        if name not in given:
            return None
    spelt = {api: spell(api) for api in dict.fromkeys(_REFERENCE.findall(template))}
    if None in spelt.values():
        return None
    template = _REFERENCE.sub(lambda found: spelt[found.group(1)] or "", template)
    template = _OWNER.sub(lambda found: f"{_whole(given[found.group(1)])}{found.group(2)}", template)
    return str(_ARGUMENT.sub(lambda found: given[found.group(1)], template))


def _whole(text: str) -> str:
    """Return the source of an expression so that an attribute, a subscript or an operator after it takes all of it."""
    tree = ast.parse(text.strip(), mode="eval").body
    atoms = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.JoinedStr)
    plain = isinstance(tree, atoms) or (isinstance(tree, ast.Constant) and isinstance(tree.value, str))
    return text if plain and "\n" not in text else f"({text})"
