"""What lies outside the code under repair and speaks of the fix: the failing tests, and the project's own helpers.

Of the tests these are the literals they hold, the keywords they pass and the exceptions they expect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from bot.search.values import Fault, Problem
from bot.search.view import FUNCTIONS

MOST, MOST_NEARBY, MOST_HELPERS, MOST_PARAMETERS, LONGEST = 60, 200, 400, 2_000, 200
T = TypeVar("T")
_READ = (ast.Name, ast.arg)  # an argument of a test is a fixture by its name


@dataclass(frozen=True)
class Hints:
    """Literals and names from the failing tests, in order of appearance; `raised` are exceptions with their message.

    `helpers` are functions of the project, as module and name, that can be called with one argument; `missing` says
    that the tests fail where something is None.
    """

    strings: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    keywords: tuple[tuple[str, str, str], ...] = ()  # callee, keyword, value as source
    raised: tuple[tuple[str, str], ...] = ()
    helpers: tuple[tuple[str, str], ...] = ()
    missing: bool = False
    nearby: tuple[str, ...] = ()  # strings of the other tests beside them
    parameters: tuple[tuple[str, str], ...] = ()  # of functions of the project that may be left out: callee, parameter


NOTHING = Hints()


def hints(problem: Problem, failing: tuple[str, ...], faults: Iterable[Fault | None] = ()) -> Hints:
    """Return what the source of the failing tests, and how they fail, says; empty where it can't be found."""
    found = read(top for test in failing[:MOST] for top in _sources(problem, test))
    missing = any("'NoneType'" in fault.message for fault in faults if fault is not None)
    functions = tuple(_project_functions(problem))
    helpers = ((module, node.name) for module, node in functions if _single(node))
    optional = ((node.name, name) for _, node in functions for name in _optional(node))
    return replace(
        found,
        nearby=tuple(islice(_nearby(problem, failing[:MOST], found), MOST_NEARBY)),
        helpers=tuple(islice(helpers, MOST_HELPERS)),
        missing=missing,
        parameters=tuple(islice(dict.fromkeys(optional), MOST_PARAMETERS)),
    )


def _project_functions(problem: Problem) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the public functions of the project's modules with the module of each."""
    for module, path in sorted(problem.codebase.modules.items()):
        tree = problem.codebase.tree(path) if not problem.codebase.is_test(path) else None
        for node in tree.body if tree is not None else ():
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield module, node


def _single(node: ast.FunctionDef) -> bool:
    """Return whether a function can be called with one argument and no more."""
    needed = len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
    return needed == 1 and not any(default is None for default in node.args.kw_defaults)


def _optional(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the parameters that have a default."""
    held = node.args
    yield from (one.arg for one in held.args[len(held.args) - len(held.defaults) :])
    yield from (one.arg for one, default in zip(held.kwonlyargs, held.kw_defaults, strict=True) if default is not None)


def read(tops: Iterable[ast.AST]) -> Hints:
    """Return what pieces of test code say."""
    nodes = [part for top in tops for part in ast.walk(top)]
    values = [part.value for part in nodes if isinstance(part, ast.Constant)]
    strings = dict.fromkeys(text for value in values if isinstance(value, str) for text in _texts(value))
    numbers = dict.fromkeys(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    calls = [part for part in nodes if isinstance(part, ast.Call)]
    keywords = dict.fromkeys(row for call in calls for row in _keywords(call))
    raised = dict.fromkeys(row for call in calls for row in _raises(call))
    return Hints(_few(strings), _few(numbers), _few(keywords), _few(raised))


def _texts(value: str) -> Iterator[str]:
    """Yield a text, and the lines of one that has several, where they are not too long to be literals of the code."""
    lines = [line.strip() for line in value.splitlines()] if "\n" in value.strip() else []
    yield from (text for text in (value, *lines) if 0 < len(text) <= LONGEST)


def _few(found: dict[T, None]) -> tuple[T, ...]:
    return tuple(list(found)[:MOST])


def _nearby(problem: Problem, failing: tuple[str, ...], found: Hints) -> Iterator[str]:
    """Yield the strings that the modules of the failing tests hold beside those found already."""
    trees = [problem.codebase.tree(path) for path in dict.fromkeys(test.partition("::")[0] for test in failing)]
    values = (part.value for tree in trees if tree for part in ast.walk(tree) if isinstance(part, ast.Constant))
    texts = dict.fromkeys(text for value in values if isinstance(value, str) for text in _texts(value))
    return (text for text in texts if text not in found.strings)


def _sources(problem: Problem, test: str) -> Iterator[ast.AST]:
    """Yield the definitions of a test: `path::Class::name[parameters]` or `package.module.Class.name`."""
    path, _, rest = test.partition("::")
    name = rest.partition("[")[0].rpartition("::")[2]
    if not rest:
        module, _, name = test.rpartition(".")
        path = next((p for p in problem.codebase.python_files if module.startswith(p[:-3].replace("/", "."))), "")
    tree = problem.codebase.tree(path) if path else None
    if tree is not None:
        own = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS) and node.name == name]
        yield from own
        yield from _helpers(tree, own)


def _helpers(tree: ast.Module, tests: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield what a test module binds at its top and its tests read: helper functions, tables of values."""
    known: dict[str, ast.AST] = {}
    for node in tree.body:
        targets = [getattr(node, "target", None), *getattr(node, "targets", ())]
        known.update({part.id: node for part in targets if isinstance(part, ast.Name)})
        if isinstance(node, FUNCTIONS):
            known[node.name] = node
    found = list(tests)
    for top in found:  # it grows
        read = (getattr(part, "id", getattr(part, "arg", None)) for part in ast.walk(top) if isinstance(part, _READ))
        names = [name for name in read if name]
        found += [known[name] for name in dict.fromkeys(names) if name in known and known[name] not in found]
    yield from found[len(tests) :]


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _keywords(call: ast.Call) -> Iterator[tuple[str, str, str]]:
    for keyword in call.keywords:
        if keyword.arg:
            yield _called(call), keyword.arg, ast.unparse(keyword.value)


def _raises(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield the exception of `pytest.raises(X, match="...")` and `assertRaises(X)`."""
    if _called(call) not in ("raises", "assertRaises", "assertRaisesRegex") or not call.args:
        return
    match = [keyword.value for keyword in call.keywords if keyword.arg == "match"] + call.args[1:2]
    texts = [part.value for part in match if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    yield ast.unparse(call.args[0]), texts[0] if texts else ""
