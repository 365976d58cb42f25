"""Port statements to SQLAlchemy 2: texts are declared with `text()`, `select` and `case` take their parts one by one.

After the migration guide (https://docs.sqlalchemy.org/en/20/changelog/migration_20.html).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._porting import port, proposal
from bot.strategies._text import Span, replace, source
from bot.strategies._workflows import told

_EXECUTES = frozenset({"execute", "scalar", "scalars"})
_SAID = (
    "Textual SQL expression", "Not an executable object", "ObjectNotExecutableError", "select() construct",
    "select(...)", 'whens" argument', "should be explicitly declared as text",
)  # fmt: skip


def _texts(unit: Unit) -> list[ast.expr]:
    """Return the bare texts that are given to `execute` and its like."""
    found: list[ast.expr] = []
    for node in ast.walk(unit.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _EXECUTES:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.JoinedStr) or (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                found.append(first)
    return found


def _lists(unit: Unit) -> list[tuple[Span | ast.AST, str]]:
    """Return the changes that take the brackets off the list given to `select` or `case`."""
    changes: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(unit.tree):
        if isinstance(node, ast.Call) and unit.origin(node.func) in {"sqlalchemy.select", "sqlalchemy.case"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.List) and len(node.args) == 1:
                changes.append((first, source(unit.text, first)[1:-1].strip().rstrip(",")))
    return changes


def _ported(unit: Unit, path: str) -> bool:
    lists = _lists(unit)
    if lists:
        unit.become(replace(unit.text, lists))
    texts, names = _texts(unit), Names(unit)
    spelt = names.spell("sqlalchemy.text") if texts else None
    if spelt:
        unit.become(replace(unit.text, [(node, f"{spelt}({source(unit.text, node)})") for node in texts]))
        with_imports(unit, names.imports)
    return bool(lists or spelt)


@strategy(causes=("test-failure", "removed-api", "error", "dependency"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port of all such statements in files that use SQLAlchemy, when an error is about one."""
    said = told(diagnosis, codebase) + " ".join(failure.exception or "" for failure in diagnosis.failures)
    if not any(words in said for words in _SAID):
        return
    edits = port(codebase, ("sqlalchemy",), _ported)
    if edits:
        why = "SQLAlchemy 2 takes texts only when they are declared, and parts of a statement one by one."
        yield proposal("sqlalchemy_v2", ["statements to SQLAlchemy 2"], edits, 0.9, why)
