"""Import a name or module from where it really is: moved, renamed or misspelt.

First a module of the project that defines the name, then the nearest name in the module that was asked, then the
nearest module. Only the one import statement is changed, and the names it shared with others stay where they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._blame import definition_is_wrong
from bot.strategies._classes import module_names
from bot.strategies._distributions import distribution_of
from bot.strategies._library import STANDARD, home_of
from bot.strategies._near import nearest
from bot.strategies._rename import rename
from bot.strategies._sites import Site, named
from bot.strategies._statements import (
    Change,
    dotted,
    from_imports,
    from_module,
    module_span,
    moved,
    plain_imports,
    relative_to,
)
from bot.strategies._text import edit, replace

_NO_NAME = re2.compile(r"^cannot import name '(\w+)' from '([\w.]+)'")
_NO_MODULE = re2.compile(r"^No module named '([\w.]+)'")


@dataclass(frozen=True)
class _Target:
    """What to import instead: from which module, under which name (empty: the module itself), and how sure."""

    module: str
    name: str
    confidence: float
    why: str


def _defined_in(name: str, codebase: Codebase) -> tuple[str, ...]:
    """Return the modules of the project, tests left out, that define a top-level name."""
    paths = {s.file for s in codebase.find(name) if s.qualname == name and not codebase.is_test(s.file)}
    return tuple(sorted(module for module in map(codebase.module_name, paths) if module))


def _for_name(name: str, module: str, site: Site, codebase: Codebase) -> _Target | None:
    homes = [home for home in _defined_in(name, codebase) if home != module]
    if len(homes) == 1 and module.partition(".")[0] not in STANDARD:
        return _Target(homes[0], name, 0.93, f"`{homes[0]}` defines it")
    real = module_names(module, codebase)
    near = (site.meant, 0.93) if site.meant in real else nearest(name, real)
    if near and not homes:
        return _Target(module, near[0], near[1], f"`{module}` has `{near[0]}`, and nothing else that near")
    home = home_of(name) if module.partition(".")[0] in STANDARD else ""
    return _Target(home, name, 0.9, f"`{home}` has it") if home and not homes else None


def _for_module(missing: str, codebase: Codebase) -> _Target | None:
    top, _, last = missing.rpartition(".")
    same = [m for m in codebase.modules if m.rpartition(".")[2] == last and not codebase.is_test(codebase.modules[m])]
    if len(same) == 1:
        return _Target(same[0], "", 0.92, f"the module is `{same[0]}`")
    installed = {name.replace("-", "_") for name in codebase.packages}
    near = nearest(missing, {*codebase.modules, *((STANDARD | installed) if not top else ())})
    first = missing.partition(".")[0]
    own = first in {module.partition(".")[0] for module in codebase.modules}
    homes = _homes(missing, codebase) if own and top and not same and not near else set()
    if len(homes) == 1:
        home = homes.pop()
        return _Target(home, "", 0.9, f"`{home}` alone defines what is imported from it")
    known = not same and (own or not distribution_of(first, codebase))
    return _Target(near[0], "", near[1], f"`{near[0]}` is the only module that near") if near and known else None


def _homes(missing: str, codebase: Codebase) -> set[str]:
    """Return the modules of the project that define every name which its code imports from a missing one."""
    names = {alias.name for _, node in from_module(missing, codebase) for alias in node.names}
    homes = [set(_defined_in(name, codebase)) for name in names if name != "*"]
    return set.intersection(*homes) if homes else set()


def _rename_uses(tree: ast.Module, old: str, new: str) -> list[Change]:
    """Return the changes that let the code read `new` where it reads the bound name or dotted module `old`."""
    return [(node, new) for node in ast.walk(tree) if isinstance(node, ast.expr) and dotted(node) == old]


def _name_edits(name: str, module: str, target: _Target, codebase: Codebase) -> Iterator[FileEdit]:
    """Yield the edits that import a name from where it is, misspelt uses of it corrected too.

    Where the definition is what is misspelt, it is renamed instead.
    """
    home = codebase.modules.get(module, "")
    users = [path for path, _, _ in from_imports(module, name, codebase)]
    if target.module == module and home and any(definition_is_wrong(path, home, codebase) for path in users):
        yield from rename(target.name, name, codebase)
        return
    done: set[str] = set()
    for path, node, alias in from_imports(module, name, codebase):
        text, tree = codebase.text(path), codebase.tree(path)
        if path in done or tree is None:
            continue
        done.add(path)
        if target.module == module:
            uses = _rename_uses(tree, name, target.name) if alias.asname is None else []
            new = f"{target.name} as {alias.asname}" if alias.asname else target.name
            yield from edit(path, text, replace(text, [(alias, new), *uses]))
        elif changed := moved(path, node, alias, (target.module, target.name), codebase):
            yield from edit(path, text, changed)


def _module_edits(missing: str, target: _Target, codebase: Codebase) -> Iterator[FileEdit]:
    """Yield the edits that import a module by its real name, the code that spells it out corrected too."""
    changes: dict[str, list[Change]] = {}
    for path, node in from_module(missing, codebase):
        if at := module_span(codebase.text(path), node):
            changes.setdefault(path, []).append((at, relative_to(path, target.module, node, codebase)))
    for path, plain, alias in plain_imports(missing, codebase):
        tree = codebase.tree(path)
        package, _, last = target.module.rpartition(".")
        if alias.name != missing or tree is None:
            continue
        if alias.asname or not package or "." in missing:
            new = target.module + (f" as {alias.asname}" if alias.asname else "")
            uses = _rename_uses(tree, missing, target.module) if not alias.asname else []
            changes.setdefault(path, []).extend([(alias, new), *uses])
        elif len(plain.names) == 1:
            uses = _rename_uses(tree, missing, last) if last != missing else []
            changes.setdefault(path, []).extend([(plain, f"from {package} import {last}"), *uses])
    for path, made in changes.items():
        yield from edit(path, codebase.text(path), replace(codebase.text(path), made))


def _wrong(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, _Target, tuple[FileEdit, ...]]]:
    """Yield (what could not be imported, where it is, the edits)."""
    for site in named(diagnosis, codebase, "ImportError", "ModuleNotFoundError"):
        if found := _NO_NAME.search(site.message):
            name, module = found.groups()
            target = _for_name(name, module, site, codebase)
            if target:
                yield name, target, tuple(_name_edits(name, module, target, codebase))
        elif found := _NO_MODULE.search(site.message):
            missing = found.group(1)
            target = _for_module(missing, codebase)
            if target:
                yield missing, target, tuple(_module_edits(missing, target, codebase))


def _title(what: str, target: _Target) -> str:
    if not target.name:
        return f"Import {target.module} instead of {what}"
    return f"Import {what} from {target.module}" if target.name == what else f"Make {what} and {target.name} one name"


@strategy(
    causes=("wrong-import", "import-error", "missing-dependency", "python-version", "test-failure", "error"),
    trust="glance",
    prior=0.88,
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each import that fails and has one certain home."""
    seen: set[str] = set()
    for what, target, edits in _wrong(diagnosis, codebase):
        if not edits or what in seen:
            continue
        seen.add(what)
        yield Proposal(
            strategy="wrong_import",
            title=_title(what, target),
            edits=edits,
            confidence=target.confidence,
            why=f"`{what}` can't be imported from there: {target.why}.",
        )
