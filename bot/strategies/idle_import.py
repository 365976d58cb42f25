"""Take out a new import of a package that is not there and that nothing uses, rather than add a dependency for it.

Only where the import came after the last good version, its name occurs nowhere else in the file, and no other file
imports the package: an import that has worked may be there for what it does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._missing import missing_modules
from bot.strategies._text import edit


def _idle(path: str, module: str, codebase: Codebase) -> ast.Import | None:
    """Return the statement that imports a module and nothing else, when it is new and its name is never used."""
    tree, text = codebase.tree(path), codebase.text(path)
    statements = [node for node in tree.body if isinstance(node, ast.Import)] if tree else []
    found = [one for one in statements if module in {alias.name.partition(".")[0] for alias in one.names}]
    if len(found) != 1 or len(found[0].names) != 1 or found[0].lineno not in codebase.changed.get(path, ()):
        return None
    alias, line = found[0].names[0], split_lines(text)[found[0].lineno - 1]
    rest = text.replace(line, "", 1)
    alone = line.split("#")[0].split() == ast.unparse(found[0]).split()
    return found[0] if alone and "#" not in line and (alias.asname or module) not in rest else None


@strategy(
    causes=("missing-dependency", "import-error", "test-failure", "error", "dependency"), trust="glance", prior=0.9
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each package that a single file imports for nothing."""
    for module in dict.fromkeys(missing_modules(diagnosis, codebase)):
        users = [
            path
            for path in codebase.python_files
            if any(not one.level and one.module.partition(".")[0] == module for one in codebase.imports(path))
        ]
        place = _idle(users[0], module, codebase) if len(users) == 1 else None
        if place is None or users[0].endswith("__init__.py"):
            continue
        lines = split_lines(codebase.text(users[0]))
        yield Proposal(
            strategy="idle_import",
            title=f"Take out the import of {module}, which {users[0]} does not use",
            edits=edit(users[0], codebase.text(users[0]), "".join(lines[: place.lineno - 1] + lines[place.lineno :])),
            confidence=0.92,
            why=f"`{module}` is not installed, and no line uses what the new import brings.",
        )
