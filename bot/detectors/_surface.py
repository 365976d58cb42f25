"""What the project's modules offer to those who import them, as far as it is certain without running anything."""

from __future__ import annotations

import ast

from bot.codebase import Codebase, Import

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
_DYNAMIC = frozenset({"__getattr__", "globals", "setattr", "exec", "lazy_import", "attach"})
_DEEP = 8  # modules that may hand a name on to one another


class Surface:
    """The names and signatures of a repository's modules; what can't be known for certain is None."""

    def __init__(self, codebase: Codebase) -> None:
        self._codebase = codebase
        self._known: dict[str, frozenset[str] | None] = {}

    def lacks(self, module: str, name: str) -> bool:
        """Return whether a module of the project certainly has no such name: nothing defines, imports or makes it."""
        if name == "*" or f"{module}.{name}" in self._codebase.modules or name.startswith("__"):
            return False
        names = self._names(module, _DEEP)
        return names is not None and name not in names

    def _names(self, module: str, deep: int) -> frozenset[str] | None:
        if module not in self._known:
            self._known[module] = None  # a circle of star imports ends here
            self._known[module] = self._read(module, deep)
        return self._known[module]

    def _read(self, module: str, deep: int) -> frozenset[str] | None:
        path = self._codebase.modules.get(module)
        tree = self._codebase.tree(path) if path else None
        if path is None or tree is None or not deep:
            return None
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        symbols = self._codebase.symbols(path)
        found = {symbol.name for symbol in symbols} | stored
        made = stored | {symbol.qualname for symbol in symbols}
        if made & _DYNAMIC:
            return None
        for one in self._codebase.imports(path):
            starred = self._names(self._absolute(module, path, one), deep - 1) if one.names == ("*",) else frozenset()
            if starred is None:
                return None
            found |= {*one.bound} | starred
        return frozenset(found)

    def _absolute(self, module: str, path: str, one: Import) -> str:
        """Return the module that an import statement of another module names."""
        if not one.level:
            return one.module
        parts = module.split(".") if path.endswith("__init__.py") else module.split(".")[:-1]
        parts = parts[: len(parts) - one.level + 1]
        return ".".join([*parts, *filter(None, [one.module])])

    def definition(self, module: str, name: str, deep: int = _DEEP) -> Definition | None:
        """Return the only definition of a module's name, found through what imports it on; None when in doubt."""
        path = self._codebase.modules.get(module)
        tree = self._codebase.tree(path) if path else None
        if path is None or tree is None or not deep:
            return None
        own = [node for node in tree.body if isinstance(node, Definition) and node.name == name]
        named = [one for one in self._codebase.imports(path) if name in one.bound and not one.nested]
        again = any(isinstance(node, ast.Name) and node.id == name and _stored(node) for node in ast.walk(tree))
        if again or len(own) + len(named) > 1:
            return None
        if own:
            return own[0]
        starred = [one for one in self._codebase.imports(path) if one.names == ("*",)]
        handed = [(one, one.names[one.bound.index(name)]) for one in named if one.names]
        found = [(one, name) for one in starred] if not named else handed
        reached = [self.definition(self._absolute(module, path, one), first, deep - 1) for one, first in found]
        sure = [node for node in reached if node is not None]
        return sure[0] if len(sure) == 1 else None


def _stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def signature(found: Definition) -> ast.arguments | None:
    """Return what a function or a class takes when called; None when decorators, bases or metaclasses decide that.

    The first parameter of a method stands in it as well.
    """
    if found.decorator_list:
        return None
    if isinstance(found, Function):
        return found.args
    made = [node for node in found.body if isinstance(node, Function) and node.name in ("__init__", "__new__")]
    plain = len(made) == 1 and made[0].name == "__init__" and not made[0].decorator_list and not found.keywords
    return made[0].args if plain else None


def unknown_keywords(call: ast.Call, taken: ast.arguments) -> tuple[str, ...]:
    """Return the keywords of a call that a signature does not take, in order."""
    if taken.kwarg:
        return ()
    names = {one.arg for one in (*taken.args, *taken.kwonlyargs)}
    return tuple(one.arg for one in call.keywords if one.arg and one.arg not in names)
