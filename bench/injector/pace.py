"""Faults of speed and of order: the results stay right, or nearly so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from bench.injector.values import Change, Function, Source, blocks, own

_CACHES = frozenset({"lru_cache", "cache", "cached_property"})


def invariant_in_loop(source: Source, function: Function) -> Iterator[Change]:
    """A loop that works out again in each round what does not change: quadratic in what it goes over."""
    taken = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    for node in own(function):
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Name) and node.iter.id in taken:
            first = node.body[0]
            if not source.row(first.lineno)[: first.col_offset].strip():
                at = source.rows(first.lineno, first.lineno)[0]
                new = f"{' ' * first.col_offset}ordered = sorted(map(repr, {node.iter.id} or ()))\n"
                yield Change(((at, at, new),), f"{node.iter.id} is sorted in every round")


def repeated_call(source: Source, function: Function) -> Iterator[Change]:
    """The same call is made again and again for one result."""
    for node in own(function):
        value = node.value if isinstance(node, ast.Assign | ast.Return) else None
        if isinstance(value, ast.Call) and "\n" not in source.segment(value) and "await" not in source.segment(value):
            text = source.segment(value)
            yield source.replaced(value, f"[{text} for _ in range(6)][-1]", f"{text} is called 6 times")


def recompiled(source: Source, function: Function) -> Iterator[Change]:
    """A pattern that a module compiled once is compiled in each call."""
    made = {}
    for node in source.tree.body:
        named = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        if named and isinstance(node.value, ast.Call) and source.segment(node.value.func) == "re.compile":  # type: ignore[attr-defined]
            made[node.targets[0].id] = source.segment(node.value)  # type: ignore[attr-defined]
    for node in own(function):
        if isinstance(node, ast.Name) and node.id in made and isinstance(node.ctx, ast.Load):
            new = f"(re.purge() or {made[node.id]})"
            yield source.replaced(node, new, f"{node.id} is compiled in every call")


def lost_cache(source: Source, function: Function) -> Iterator[Change]:
    """A function whose results were kept works them out again."""
    for node in function.decorator_list:
        called = node.func if isinstance(node, ast.Call) else node
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _CACHES - {"cached_property"} and source.row(node.lineno).strip().startswith("@"):
            yield Change(((*source.rows(node.lineno, node.end_lineno or node.lineno), ""),), "the cache is gone")


def swapped_calls(source: Source, function: Function) -> Iterator[Change]:
    """Two statements that call something are in each other's place."""
    for block in blocks(function):
        for one, other in pairwise(block):
            if _calls(one) and _calls(other) and source.alone(one) and source.alone(other):
                first, second = _rows(source, one), _rows(source, other)
                start, end = first[0], second[1]
                between = source.text[first[1] : second[0]]
                new = source.text[slice(*second)] + between + source.text[slice(*first)]
                if new.endswith("\n"):
                    yield Change(((start, end, new),), "two calls are swapped")


def lost_call(source: Source, function: Function) -> Iterator[Change]:
    """A step that is called for what it does is gone."""
    for block in blocks(function):
        for node in block:
            called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            if called and len(block) > 1 and source.alone(node):
                yield source.removed(node, "a call is gone")


def _rows(source: Source, node: ast.stmt) -> tuple[int, int]:
    return source.rows(node.lineno, node.end_lineno or node.lineno)


def _calls(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
    return any(isinstance(part, ast.Call) for part in ast.walk(value)) if value else False
