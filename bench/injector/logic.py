"""Slips of logic, each one small edit inside one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bench.injector.values import Change, Function, Source, blocks, own

COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "in": "not in", "not in": "in",
            "is": "is not", "is not": "is"}  # fmt: skip
COMPUTED = {"+": "-", "-": "+", "*": "+", "//": "/", "/": "//", "%": "//", "and": "or", "or": "and", "|": "&"}
RAISED = {"ValueError": "TypeError", "TypeError": "ValueError", "KeyError": "IndexError", "IndexError": "KeyError",
          "AttributeError": "TypeError", "RuntimeError": "ValueError"}  # fmt: skip


def comparison(source: Source, function: Function) -> Iterator[Change]:
    """Another comparison: `<` for `<=`, `==` for `!=`, `in` for `not in`."""
    for node in own(function):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield from _between(source, (node.left, node.comparators[0]), COMPARED)


def operator(source: Source, function: Function) -> Iterator[Change]:
    """Another operator: `+` for `-`, `and` for `or`, `//` for `/`."""
    for node in own(function):
        if isinstance(node, ast.BinOp):
            yield from _between(source, (node.left, node.right), COMPUTED)
        elif isinstance(node, ast.BoolOp):
            yield from _between(source, (node.values[0], node.values[1]), COMPUTED)


def _between(source: Source, around: tuple[ast.AST, ast.AST], table: dict[str, str]) -> Iterator[Change]:
    start, end = source.span(around[0])[1], source.span(around[1])[0]
    text = source.text[start:end]
    old = text.strip(" ()\n\\")
    if old in table and "#" not in text:
        yield Change(((start, end, text.replace(old, table[old], 1)),), f"{old} became {table[old]}")


def off_by_one(source: Source, function: Function) -> Iterator[Change]:
    """A number one too large or too small in an index, a slice, a range or a comparison."""
    for node in own(function):
        inside: list[ast.AST] = []
        if isinstance(node, ast.Subscript):
            inside = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            inside = list(node.args)
        elif isinstance(node, ast.Compare):
            inside = list(node.comparators)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            inside = [node.right]
        for part in (one for held in inside for one in (held, *ast.iter_child_nodes(held))):
            if isinstance(part, ast.Constant) and type(part.value) is int:
                for new in (part.value + 1, max(0, part.value - 1)):
                    if new != part.value:
                        yield source.replaced(part, str(new), f"{part.value} became {new}")


def wrong_name(source: Source, function: Function) -> Iterator[Change]:
    """Another local variable than the one that was meant."""
    arguments = function.args
    known = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    for node in own(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known:
            others = [name for name in known if name not in (node.id, "self", "cls")]
            if others and node.id not in ("self", "cls"):
                new = others[(node.lineno + node.col_offset) % len(others)]
                yield source.replaced(node, new, f"{node.id} became {new}")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in known:
            known.append(node.id)


def missing_return(source: Source, function: Function) -> Iterator[Change]:
    """A value that is computed and not returned."""
    for node in own(function):
        if isinstance(node, ast.Return) and node.value is not None:
            text = source.segment(node.value)
            yield source.replaced(node, text, "return is missing")


def swapped_arguments(source: Source, function: Function) -> Iterator[Change]:
    """Two arguments of a call in each other's place."""
    for node in own(function):
        if (
            isinstance(node, ast.Call)
            and len(node.args) >= 2
            and not any(isinstance(a, ast.Starred) for a in node.args)
        ):
            first, second = node.args[:2]
            one, other = source.segment(first), source.segment(second)
            if one != other:
                start, end = source.span(first)[0], source.span(second)[1]
                middle = source.text[source.span(first)[1] : source.span(second)[0]]
                yield Change(((start, end, other + middle + one),), f"{one} and {other} swapped")


def removed_guard(source: Source, function: Function) -> Iterator[Change]:
    """A check that returns, raises or goes on early is gone."""
    for block in blocks(function):
        for node in block:
            if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1 or len(block) < 2:
                continue
            leaves = isinstance(node.body[0], ast.Return | ast.Raise | ast.Continue | ast.Break)
            if leaves and source.alone(node) and not source.row(node.lineno).lstrip().startswith("elif"):
                yield source.removed(node, "a guard is gone")


def removed_statement(source: Source, function: Function) -> Iterator[Change]:
    """An assignment or a call is gone."""
    for block in blocks(function):
        for node in block:
            called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            if (called or isinstance(node, ast.AugAssign | ast.Assign)) and len(block) > 1 and source.alone(node):
                yield source.removed(node, "a statement is gone")


def error_type(source: Source, function: Function) -> Iterator[Change]:
    """Another exception is raised or caught."""
    for node in own(function):
        raised = node.exc.func if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) else None
        caught = node.type if isinstance(node, ast.ExceptHandler) else raised
        if isinstance(caught, ast.Name) and caught.id in RAISED:
            yield source.replaced(caught, RAISED[caught.id], f"{caught.id} became {RAISED[caught.id]}")


def negated(source: Source, function: Function) -> Iterator[Change]:
    """A condition the wrong way round."""
    for node in own(function):
        if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare):
            text = source.segment(node.test)
            without = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
            new = source.segment(node.test.operand) if without else f"not ({text})"  # type: ignore[attr-defined]
            yield source.replaced(node.test, new, "a condition is negated")


def constant(source: Source, function: Function) -> Iterator[Change]:
    """Another truth value, or a text that lost its last character."""
    for node in own(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield source.replaced(node, str(not node.value), f"{node.value} became {not node.value}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 30:
            shorter = repr(node.value[:-1])
            if source.segment(node).strip("'\"") == node.value.strip("'\""):
                yield source.replaced(node, shorter, f"{node.value!r} lost its last character")


def wrong_attribute(source: Source, function: Function) -> Iterator[Change]:
    """Another attribute of the same object."""
    reads = [n for n in own(function) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)]
    selves = [n for n in reads if isinstance(n.value, ast.Name) and n.value.id == "self"]
    names = sorted({node.attr for node in selves})
    for node in selves:
        others = [name for name in names if name != node.attr]
        if others:
            new = others[node.lineno % len(others)]
            yield source.replaced(node, f"self.{new}", f"self.{node.attr} became self.{new}")
