"""Faults outside of a function's logic: dependencies, documentation, and tests that are gone."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Iterator

import re2

from bench.injector.values import Change, Fault, Source, functions
from bot.codebase import is_test_path

ABSENT = ("yaml", "requests", "attr", "simplejson", "dateutil", "termcolor", "unidecode", "cachetools", "toolz")
GONE = {
    (3, 10): ("from collections import Mapping", "from collections import Iterable", "import formatter"),
    (3, 11): ("from inspect import getargspec", "from asyncio import coroutine", "import binhex"),
    (3, 12): ("import imp", "import asynchat", "from distutils.version import LooseVersion"),
}
"""Imports that a Python version took away."""
_PARAMETER = re2.compile(r"(?m)^(\s*)(:param (?:\w+ )?|:type )?([a-z_][a-z0-9_]*)(\s*:|\s*\()")


def undeclared_import(source: Source, _: random.Random) -> Iterator[Change]:
    """An import of a package that nothing declares."""
    for name in ABSENT:
        at = _after_imports(source)
        yield Change(((at, at, f"import {name}\n"),), f"{name} is imported and not declared")


def removed_import(source: Source, _: random.Random) -> Iterator[Change]:
    """An import of what the Python in use does not have any more."""
    at = _after_imports(source)
    for version, statements in GONE.items():
        for statement in statements if sys.version_info >= version else ():
            yield Change(((at, at, f"{statement}  # noqa\n"),), f"{statement!r} is no longer possible")


def _after_imports(source: Source) -> int:
    """Return the end of the imports that begin a file."""
    line = 0
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            line = node.end_lineno or node.lineno
        elif line or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            break
        else:
            line = node.end_lineno or node.lineno
    return source.rows(line, line)[1] if line else 0


def docstring_parameter(source: Source, _: random.Random) -> Iterator[Change]:
    """A docstring that describes an argument under the name it had before."""
    for _name, function, _class in functions(source.tree):
        text = ast.get_docstring(function, clean=False)
        names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
        if not text or function.args.kwarg or function.decorator_list or len(names) < 2:
            continue
        start, end = source.span(function.body[0])
        raw = source.text[start:end]
        if not any(mark in raw for mark in (":param", "Args:", "Arguments:", "Parameters\n", "Parameters:")):
            continue
        for found in _PARAMETER.finditer(raw):
            name, at = found.group(3), start + found.start(3)
            if name in names and (found.group(2) or "param" not in raw):
                new = f"old_{name}"
                yield Change(((at, at + len(name), new),), f"the docstring calls {name} {new}")


def is_page(path: str) -> bool:
    """Return whether a file tells how things are; what tells of the past may name what is gone."""
    past = ("changelog", "changes", "history", "news", "upgrad", "release", "migrat")
    return path.endswith((".md", ".rst")) and not path.rpartition("/")[2].lower().startswith(past)


def broken_example(files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    """An example in the documentation that imports a name which the project does not have."""
    pattern = re2.compile(r"(?m)^(\s*(?:>>> )?from ([a-z_][\w.]*) import )([A-Za-z_]\w*)[ \t]*$")
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in files}
    own = {name.removeprefix("src.") for name in modules}
    for path in sorted(path for path in files if is_page(path)):
        for found in pattern.finditer(files[path]):
            if found.group(2) in own:
                text, new = files[path], f"{found.group(3)}_v{chance.randint(2, 9)}"
                changed = text[: found.start(3)] + new + text[found.end(3) :]
                line = text.count("\n", 0, found.start(3)) + 1
                said = f"the example imports {new} from {found.group(2)}"
                yield Fault("broken-example", "documentation", path, "", (line,), {path: changed}, said)


def lost_tests(files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    """All tests that name one function are gone, while it is in use."""
    tests = {path: text for path, text in files.items() if path.endswith(".py") and is_test_path(path)}
    found = []
    for path in sorted(set(files) - set(tests)):
        tree = _parsed(files[path]) if path.endswith(".py") else None
        last = {name: one for name, one, _ in functions(tree)} if tree else {}  # the last of overloads is the function
        found += [(path, name, one) for name, one in last.items() if not one.name.startswith("_")]
    chance.shuffle(found)
    for path, name, function in found:
        edits = {test: new for test, text in tests.items() if (new := _without(text, function.name)) != text}
        if edits:
            said = f"no test names {name} any more"
            yield Fault("lost-tests", "coverage", path, name, (function.lineno,), edits, said, tuple(sorted(edits)))


def _without(text: str, name: str) -> str:
    """Return a test file without the test functions that name a function."""
    tree = _parsed(text)
    if tree is None or name not in text:
        return text
    source = Source("", text, tree)
    cuts = []
    for _, one, owner in functions(tree):
        if one.name.startswith("test") and any(_names(part) == name for part in ast.walk(one)):
            first = min([one.lineno, *(part.lineno for part in one.decorator_list)])
            left = [m for m in (owner.body if owner else []) if m is not one]
            cuts.append((*source.rows(first, one.end_lineno or one.lineno), "" if left or not owner else "    pass\n"))
    return Change(tuple(cuts), "").applied(text) if cuts and _parsed(Change(tuple(cuts), "").applied(text)) else text


def _names(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
