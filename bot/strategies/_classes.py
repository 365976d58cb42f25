"""What the classes and modules of a project really have: attributes by class, names by module."""

from __future__ import annotations

import ast
import builtins

from bot.codebase import Codebase
from bot.strategies._library import STANDARD, names_of


def class_node(name: str, codebase: Codebase) -> tuple[str, ast.ClassDef] | None:
    """Return (file, node) of the project's one class of that name, or None when there is none or several."""
    found = [symbol for symbol in codebase.find(name) if symbol.kind == "class" and symbol.name == name]
    if len(found) != 1:
        return None
    tree = codebase.tree(found[0].file)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ClassDef) and node.name == name and node.lineno == found[0].line:
            return found[0].file, node
    return None


def own_attributes(node: ast.ClassDef) -> set[str]:
    """Return the names that a class body binds and the attributes its methods set on their first argument."""
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(statement.name)
            names |= _set_on_first(statement)
        elif isinstance(statement, ast.ClassDef):
            names.add(statement.name)
        else:
            names |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


def _set_on_first(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    parameters = [*function.args.posonlyargs, *function.args.args]
    first = parameters[0].arg if parameters else ""
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == first
    }


def attributes(name: str, codebase: Codebase, depth: int = 0) -> set[str] | None:
    """Return all attributes of a class with those of its bases; None when a base is unknown, so that some may miss."""
    builtin = getattr(builtins, name, None)
    found = class_node(name, codebase)
    if found is None:
        return set(dir(builtin)) if isinstance(builtin, type) else None
    names = own_attributes(found[1])
    for base in found[1].bases:
        more = attributes(base.id, codebase, depth + 1) if isinstance(base, ast.Name) and depth < 8 else None
        if more is None:
            return None
        names |= more
    return names | set(dir(object))


def module_names(module: str, codebase: Codebase) -> set[str]:
    """Return the names a module offers, the project's own or the standard library's; empty when it is neither."""
    path = codebase.modules.get(module)
    if path is None:
        return set(names_of(module)) if module.partition(".")[0] in STANDARD else set()
    names = {symbol.name for symbol in codebase.symbols(path) if "." not in symbol.qualname}
    names |= {bound for one in codebase.imports(path) if not one.nested for bound in one.bound}
    prefix = f"{module}."
    names |= {m.removeprefix(prefix).partition(".")[0] for m in codebase.modules if m.startswith(prefix)}
    return names
