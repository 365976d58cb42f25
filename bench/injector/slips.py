"""Slips of every day beside those of logic: defaults, lost waits, kept results, slower collections, stale examples."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

import re2

from bench.injector.values import Change, Fault, Function, Source, functions, own
from bench.injector.world import is_page
from bot.codebase import is_test_path

_CALLED = re2.compile(r"(?m)^[ \t]*(?:>>> )?[^#\n]*?\b([A-Za-z_]\w*)\(([^()\n]*?\b)([a-z_]\w*)=[^=]")


def changed_default(source: Source, function: Function) -> Iterator[Change]:
    """A parameter with another default."""
    for node in (*function.args.defaults, *(one for one in function.args.kw_defaults if one)):
        if isinstance(node, ast.Constant):
            new = None if not _plain(node.value) else "0" if node.value is None else str(not node.value)
            if type(node.value) is int:
                new = str(node.value + 1)
            elif isinstance(node.value, str):
                new = repr(node.value[:-1] or "x")
            if new is not None:
                yield source.replaced(node, new, f"the default {source.segment(node)} became {new}")


def _plain(value: object) -> bool:
    return value is None or isinstance(value, bool)


def lost_await(source: Source, function: Function) -> Iterator[Change]:
    """A coroutine that is made and not waited for."""
    for node in own(function):
        if isinstance(node, ast.Await):
            yield source.replaced(node, source.segment(node.value), "await is missing")


def stale_cache(source: Source, function: Function) -> Iterator[Change]:
    """A method whose result is kept although its object changes."""
    owner = next((cls for _, one, cls in functions(source.tree) if one is function and cls), None)
    if owner is None or function.decorator_list or [one.arg for one in function.args.args] != ["self"]:
        return
    read = {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)}
    others = [one for one in owner.body if isinstance(one, Function) and one.name != "__init__" and one is not function]
    changed = {n.attr for one in others for n in ast.walk(one) if isinstance(n, ast.Attribute) and _stored(n)}
    if read & changed and not function.name.startswith("__"):
        at = source.rows(function.lineno, function.lineno)[0]
        new = f'{" " * function.col_offset}@__import__("functools").lru_cache(maxsize=None)\n'
        yield Change(((at, at, new),), f"results of {function.name} are kept")


def _stored(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)


def list_for_set(source: Source, function: Function) -> Iterator[Change]:
    """A set that is asked for what it holds becomes a list: quadratic in what goes into it."""
    for node in own(function):
        made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
        if made and len(node.args) == 1:  # type: ignore[attr-defined]
            text = source.segment(node.args[0])  # type: ignore[attr-defined]
            if "\n" not in text:
                yield source.replaced(node, f"list({text})", "a set became a list")


def wrong_import(source: Source, _: random.Random) -> Iterator[Change]:
    """A name that a module of others does not have (any more)."""
    own_top = {path.removeprefix("src/").partition("/")[0].removesuffix(".py") for path in source.files}
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            one, top = node.names[0], node.module.partition(".")[0]
            if top not in own_top | {"__future__"}:
                new = f"{one.name}_v2 as {one.asname or one.name}"
                yield Change(((*source.span(one), new),), f"{node.module} has no {one.name}_v2")


def stale_keyword(files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    """A function whose parameter got another name, while an example in the documentation has the old one."""
    taken = {}
    for path in sorted(path for path in files if path.endswith(".py") and not is_test_path(path)):
        tree = _parsed(files[path])
        for node in tree.body if tree else ():
            if isinstance(node, Function) and not node.args.kwarg and not node.decorator_list:
                taken[node.name] = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
    for path in sorted(path for path in files if is_page(path)):
        for found in _CALLED.finditer(files[path]):
            name, keyword = found.group(1), found.group(3)
            if keyword in taken.get(name, ()):
                text, start = files[path], found.start(3)
                changed = f"{text[:start]}former_{text[start:]}"
                line = text.count("\n", 0, start) + 1
                said = f"the example calls {name} with former_{keyword}"
                yield Fault("stale-keyword", "documentation", path, "", (line,), {path: changed}, said)


def stale_name(files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    """An example in the documentation that uses a function of a module by the name that it had before."""
    tops = {path.removeprefix("src/").partition("/")[0].removesuffix(".py") for path in files if path.endswith(".py")}
    for path in sorted(path for path in files if is_page(path)):
        text = files[path]
        for top in sorted(tops):
            if f"import {top}\n" in text and len(top) > 2:
                pattern = re2.compile(rf"(?m)^[ \t]*(?:>>> )[^#\n]*?\b{re2.escape(top)}\.([a-z_]\w*)\(")
                for found in pattern.finditer(text):
                    start, end = found.start(1), found.end(1)
                    changed = f"{text[:start]}former_{found.group(1)}{text[end:]}"
                    line = text.count("\n", 0, start) + 1
                    said = f"the example calls {top}.former_{found.group(1)}"
                    yield Fault("stale-name", "documentation", path, "", (line,), {path: changed}, said)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def lost_test_file(files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    """A whole file of tests is empty, while what it tested is in use."""
    tests = [path for path in sorted(files) if path.endswith(".py") and is_test_path(path)]
    chance.shuffle(tests)
    for path in tests:
        tree = _parsed(files[path])
        named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} if tree else set()
        named |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()
        if not tree or path.endswith(("conftest.py", "__init__.py")) or "def test" not in files[path]:
            continue
        rest = "".join(files[other] for other in tests if other != path)
        for own_path in sorted(path for path in files if path.endswith(".py") and not is_test_path(path)):
            code = _parsed(files[own_path])
            last = {name: one for name, one, _ in functions(code)} if code else {}
            for name, one in last.items():
                if one.name in named and one.name not in rest and not one.name.startswith("_"):
                    said = f"{path} is gone, which tested {name}"
                    yield Fault("lost-test-file", "coverage", own_path, name, (one.lineno,), {path: ""}, said)
