"""Reset module state that tests leave behind: a test that passes alone and fails after others gets a clean start.

Only containers that functions of the project change in place, that the failing test reads through them, and that
begin with a plain literal. A fixture for all tests of the file puts the first contents back; no test is skipped,
repeated or reordered.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit, with_imports
from bot.strategies._mutable import changes
from bot.strategies._text import edit, newline_of

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _containers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (name, kind) of the lists, dictionaries and sets that a module binds once at its top level."""
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and value is not None and _kind(value):
            yield targets[0].id, _kind(value)


def _kind(value: ast.expr) -> str:
    """Return how an empty or literal container is put back: by `extend` or by `update`; '' for anything else."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args and not value.keywords:
        return {"list": "extend", "dict": "update", "set": "update"}.get(value.func.id, "")
    literal = isinstance(value, ast.List | ast.Dict | ast.Set) and all(
        isinstance(node, ast.Constant | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.Load)
        for node in ast.walk(value)
    )
    return ("extend" if isinstance(value, ast.List) else "update") if literal else ""


def _grows(tree: ast.Module, name: str) -> bool:
    """Return whether a function of the module changes the container in place and none binds the name anew."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    rebinds = any(isinstance(n, ast.Global) and name in n.names for f in functions for n in ast.walk(f))
    hidden = any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for f in functions
                 for n in ast.walk(f))  # fmt: skip
    return not rebinds and not hidden and any(changes(n, name) for f in functions for n in ast.walk(f))


def _stateful(path: str, codebase: Codebase) -> Iterator[tuple[str, str, str]]:
    """Yield (module, name, kind) of the containers of the modules that a test file imports, which functions change."""
    tree = codebase.tree(path)
    unit = Unit(codebase.text(path)) if tree is not None else None
    read = set(unit.origins.values() if unit else ())
    for module, home in sorted(codebase.modules.items()):
        near = any(origin == module or origin.startswith(f"{module}.") for origin in read)
        inside = codebase.tree(home) if near and not codebase.is_test(home) else None
        for name, kind in _containers(inside) if inside else ():
            if inside is not None and _grows(inside, name):
                yield module, name, kind


def _fixture(held: list[tuple[str, str, str]], end: str) -> str:
    lines = ["", "", "@pytest.fixture(autouse=True)", "def fresh_state():"]
    lines.append('    """Give every test the module state that the program starts with."""')
    for number, (module, name, kind) in enumerate(held, 1):
        owner = f"{module}.{name}"
        first = "first" if len(held) == 1 else f"first_{number}"
        copy = f"list({owner})" if kind == "extend" else f"{owner}.copy()"
        lines += [f"    {first} = {copy}"]
    lines.append("    yield")
    for number, (module, name, kind) in enumerate(held, 1):
        first = "first" if len(held) == 1 else f"first_{number}"
        lines += [f"    {module}.{name}.clear()", f"    {module}.{name}.{kind}({first})"]
    return end.join([*lines, ""])


@strategy(causes=("order-dependent", "test-failure"), trust="review", touches="tests", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each conftest or test file whose tests share such state."""
    if diagnosis.pattern != "order-dependent":
        return
    for path in dict.fromkeys(test.partition("::")[0] for test in diagnosis.failing_tests):
        held = list(_stateful(path, codebase))
        text = codebase.text(path)
        if not held or len(held) > 3 or "fresh_state" in text or not codebase.is_test(path):
            continue
        folder = path.rpartition("/")[0]
        place = f"{folder}/conftest.py" if folder else "conftest.py"
        before = codebase.files.get(place, "")
        if "fresh_state" in before:
            continue
        unit = Unit(before)
        with_imports(unit, ["import pytest", *(f"import {module}" for module, _, _ in held)])
        after = unit.text.rstrip("\r\n") + newline_of(before) + _fixture(held, newline_of(before))
        names = ", ".join(f"{module}.{name}" for module, name, _ in held)
        yield Proposal(
            strategy="shared_state",
            title=f"Give every test {names} as the program starts with it",
            edits=edit(place, before, after.lstrip("\n")),
            confidence=0.75,
            why="the test passes alone: what earlier tests put into this module state makes it fail.",
        )
