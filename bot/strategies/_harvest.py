"""What the project's own tests call functions and classes with: arguments and constructors as source text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._recorded import arguments_of

MOST = 2
MOST_TESTS, MANY_TESTS = 3, 200  # existing tests that are used, and beyond which a function is run by nearly all
Function = ast.FunctionDef | ast.AsyncFunctionDef


def given_to(name: str, diagnosis: Diagnosis, codebase: Codebase) -> list[str]:
    """Return up to two argument lists for a function: of its recorded calls, else of plain calls in the tests."""
    recorded = [text for call in diagnosis.calls if (text := arguments_of(call)) is not None]
    found = dict.fromkeys(recorded) or dict.fromkeys(_plain_calls(name, codebase))
    return list(found)[:MOST]


def made(name: str, node: ast.ClassDef, codebase: Codebase) -> str | None:
    """Return an expression that makes an object of a class, as the tests do, or without arguments; None if neither."""
    arguments = next(_plain_calls(name, codebase), None)
    if arguments is not None:
        return f"{name}({arguments})"
    init = next((s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if init is None:
        return f"{name}()" if all(ast.unparse(base) == "object" for base in node.bases) else None
    wanted = len(init.args.posonlyargs) + len(init.args.args) - 1 - len(init.args.defaults)
    bare = wanted <= 0 and all(default is not None for default in init.args.kw_defaults)
    return f"{name}()" if bare else None


def running(path: str, node: Function, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield (test file, call) of up to three tests without arguments that run a function.

    Nothing where nearly every test runs it: what they do is not the function's work.
    """
    if len(_known(path, node, codebase)) <= MANY_TESTS:
        plain = (one for one in tests_running(path, node, codebase) if one.plain)
        yield from ((one.file, f"{one.node.name}()") for one in islice(plain, MOST_TESTS))


def _known(path: str, node: Function, codebase: Codebase) -> tuple[str, ...]:
    spectrum = codebase.spectrum
    lines = range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    return spectrum.tests_of(path, lines) if spectrum else ()


@dataclass(frozen=True)
class Test:
    """A test that runs some function: its file, its class (None for a function of the module) and its node."""

    file: str
    owner: ast.ClassDef | None
    node: ast.FunctionDef

    @property
    def plain(self) -> bool:
        """Return whether it needs nothing from its runner."""
        return not (self.owner or self.node.decorator_list or ast.unparse(self.node.args))


def tests_running(path: str, node: Function, codebase: Codebase) -> Iterator[Test]:
    """Yield the tests that run a function, each once."""
    seen: set[tuple[str, ...]] = set()
    for test in _known(path, node, codebase):
        parts = tuple(test.partition("[")[0].split("::")) if "::" in test else _of_unittest(test, codebase)
        found = _test(parts, codebase) if parts not in seen else None
        seen.add(parts)
        if found is not None:
            yield found


def _test(parts: tuple[str, ...], codebase: Codebase) -> Test | None:
    path, *names = parts
    tree = codebase.tree(path) if path in codebase.files else None
    body: list[ast.stmt] = tree.body if tree else []
    owner = None
    for name in names[:-1]:
        owner = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == name), None)
        body = owner.body if owner else []
    node = next((n for n in body if isinstance(n, ast.FunctionDef) and n.name == names[-1]), None) if names else None
    return Test(path, owner, node) if node is not None and len(names) < 3 else None


def _of_unittest(test: str, codebase: Codebase) -> tuple[str, ...]:
    """Return the file, class and method of an id that unittest prints."""
    module, _, owner = test.rpartition(".")[0].rpartition(".")
    return codebase.modules.get(module, ""), owner, test.rpartition(".")[2]


def _plain_calls(name: str, codebase: Codebase) -> Iterator[str]:
    """Yield the arguments of calls in the tests that hold nothing but literals."""
    for path in codebase.python_files:
        tree = codebase.tree(path) if codebase.is_test(path) and name in codebase.text(path) else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Call) and _name(node.func) == name and all(map(_plain, _values(node))):
                yield ast.unparse(node).removeprefix(ast.unparse(node.func))[1:-1]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value if keyword.arg else call for keyword in call.keywords)]


def _plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True
