"""Give every object its own list or dictionary where the class shared one and methods change it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import at_head
from bot.strategies._mutable import changes, is_mutable
from bot.strategies._places import classes_around, lines_at_fault
from bot.strategies._statements import dotted
from bot.strategies._text import edit, indent_of, newline_of, source


def _shared(node: ast.ClassDef) -> Iterator[tuple[ast.stmt, str, ast.expr]]:
    """Yield (statement, name, value) of the class attributes that are mutable and changed through `self`."""
    for statement in node.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        value = statement.value if isinstance(statement, ast.Assign) else None
        if not isinstance(target, ast.Name) or target.id.isupper() or not isinstance(statement, ast.Assign):
            continue
        if value is not None and is_mutable(value) and _changed(node, target.id):
            yield statement, target.id, value


def _changed(node: ast.ClassDef, name: str) -> bool:
    own = f"self.{name}"
    parts = list(ast.walk(node))
    if any(isinstance(part, ast.Assign) and own in map(dotted, part.targets) for part in parts):
        return False
    return any(changes(part, own) for part in parts)


def _used_on_class(name: str, owner: str, codebase: Codebase) -> bool:
    texts = (codebase.text(path) for path in codebase.python_files)
    return any(f"{owner}.{name}" in text or f"cls.{name}" in text for text in texts)


def _moved(text: str, node: ast.ClassDef, statement: ast.stmt, line: str) -> str | None:
    """Return the text with the attribute made in `__init__` instead of in the class."""
    init = next((s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if init is None and node.bases and dotted(node.bases[0]) != "object":
        return None
    lines = split_lines(text)
    indent, end = indent_of(lines[statement.lineno - 1]), newline_of(text)
    first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
    if init is not None:
        with_line = split_lines(at_head(text, init, [line]))
        return "".join([*with_line[:first], *with_line[last:]])
    new = [f"{indent}def __init__(self):{end}", f"{indent}    {line}{end}"]
    return "".join([*lines[:first], *new, *lines[last:]])


@strategy(causes=("shared-class-attribute", "state", "test-failure"), trust="glance", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each class at fault with a shared attribute that only objects use."""
    seen: set[tuple[str, int]] = set()
    for path, line in lines_at_fault(diagnosis, codebase):
        tree, text = codebase.tree(path), codebase.text(path)
        for node in classes_around(tree, line) if tree else ():
            if (path, node.lineno) in seen or node.decorator_list:
                continue
            seen.add((path, node.lineno))
            statement, name, value = next(_shared(node), (None, "", None))
            if statement is None or value is None or _used_on_class(name, node.name, codebase):
                continue
            moved = _moved(text, node, statement, f"self.{name} = {source(text, value)}")
            if moved:
                yield Proposal(
                    strategy="class_attribute",
                    title=f"Give every {node.name} its own {name}",
                    edits=edit(path, text, moved),
                    confidence=0.85,
                    why=f"`{name}` belongs to the class, so that every object changes the same one.",
                )
