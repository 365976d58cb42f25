"""Import a name that is used but imported nowhere in its file.

The import is copied from a file of the same project that already has it, else it names the project's own module
that defines the name, else the standard library. Two possible homes of the same kind: nothing is proposed.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._imports import add, top_imports
from bot.strategies._library import STANDARD, home_of
from bot.strategies._text import edit
from bot.strategies._undefined import undefined

# what the community always calls these modules, used only when the project has them installed or declared
_ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "tf": "tensorflow", "sns": "seaborn"}


def _used_elsewhere(name: str, path: str, codebase: Codebase) -> str:
    """Return the import statement that most other files of the project bind `name` with, if one clearly leads."""
    seen: Counter[str] = Counter()
    for other in codebase.python_files:
        tree = codebase.tree(other) if other != path else None
        for node in top_imports(tree) if tree is not None else ():
            for alias in node.names:
                bound = alias.asname or alias.name
                if bound == name and not (isinstance(node, ast.ImportFrom) and node.level):
                    only = ast.alias(alias.name, alias.asname)
                    copy = (
                        ast.Import([only]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [only], 0)
                    )
                    seen[ast.unparse(copy)] += 1
    best = seen.most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else ""


def _own_module(name: str, path: str, codebase: Codebase) -> str:
    """Return the import of the one module of the project that defines `name` or is called so."""
    homes = {
        module
        for module, file in codebase.modules.items()
        if file != path and not codebase.is_test(file)
        and any(s.name == name and s.qualname == name for s in codebase.symbols(file))
    }  # fmt: skip
    if len(homes) == 1:
        return f"from {_as_seen_from(path, homes.pop(), codebase)} import {name}"
    modules = [module for module in codebase.modules if module.rpartition(".")[2] == name]
    if homes or len(modules) != 1:
        return ""
    package = modules[0].rpartition(".")[0]
    return f"from {package} import {name}" if package else f"import {name}"


def _as_seen_from(path: str, module: str, codebase: Codebase) -> str:
    """Return a module as `path` should name it: relative where the file names its siblings so, else absolute."""
    package = codebase.module_name(path).rpartition(".")[0]
    relative = any(one.level == 1 for one in codebase.imports(path))
    inside = bool(package) and module.startswith(f"{package}.")
    return module.removeprefix(package) if relative and inside and not path.endswith("__init__.py") else module


def _standard(name: str) -> str:
    home = home_of(name)
    if name in STANDARD and not name.startswith("_") and not home:
        return f"import {name}"
    return f"from {home} import {name}" if home else ""


def _installed(name: str, codebase: Codebase) -> str:
    module = _ALIASES.get(name, "")
    known = {package.lower() for package in codebase.packages}
    return f"import {module} as {name}" if module and module.partition(".")[0] in known else ""


def _statement(name: str, path: str, codebase: Codebase) -> tuple[str, float, str]:
    """Return the import for `name`, how sure it is, and why."""
    if copied := _used_elsewhere(name, path, codebase):
        return copied, 0.95, "other files of the project import it so"
    if own := _own_module(name, path, codebase):
        return own, 0.9, "this module of the project defines it"
    if standard := _standard(name):
        return standard, 0.93, "the standard library has it there"
    return _installed(name, codebase), 0.9, "that is the usual name of this package"


@strategy(causes=("missing-import", "import-error", "test-failure", "lint", "type", "error"), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each undefined name whose home is certain."""
    own = frozenset(module.partition(".")[0] for module in codebase.modules)
    for found in undefined(diagnosis, codebase):
        path, name = found.path, found.name
        statement, confidence, why = _statement(name, path, codebase)
        tree, text = codebase.tree(path), codebase.text(path)
        if not statement or tree is None:
            continue
        yield Proposal(
            strategy="missing_import",
            title=f"Import {name} in {path}",
            edits=edit(path, text, add(text, tree, statement, own, STANDARD)),
            confidence=confidence,
            why=f"`{name}` is used but never imported; `{statement}`: {why}.",
        )
