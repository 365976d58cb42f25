"""Test that the steps of a sequence are taken in their declared order, by watching the calls or reading the list."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._calls import functions, is_static
from bot.strategies._harvest import given_to, made, running
from bot.strategies._statements import dotted
from bot.strategies._steps import steps_in
from bot.strategies._testfile import importable, new_path, test_module
from bot.strategies._watching import watching

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Caller:
    """The function that takes the steps: how it is called, and the object that holds the steps' names."""

    call: str
    holder: str
    node: Function


def _wanted(diagnosis: Diagnosis) -> list[str]:
    return [name.rpartition(".")[2] for name in diagnosis.details.get("expected", "").split("\n") if name]


def _holder(node: Function, steps: list[str], module: str, owner: ast.ClassDef | None) -> str | None:
    """Return what holds the names of the steps as a function calls them, None when they are not all held alike."""
    called = {dotted(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    heads = {name.rpartition(".")[0] for name in called if name.rpartition(".")[2] in steps}
    if len(heads) != 1:
        return None
    head = heads.pop()
    if head in ("self", "cls"):
        return f"{module}.{owner.name}" if owner else None
    return f"{module}.{head}" if head else module


def _caller(diagnosis: Diagnosis, steps: list[str], codebase: Codebase) -> Iterator[Caller]:
    """Yield the ways to call the function that takes the steps: with recorded arguments, else with stand-ins."""
    known = functions(diagnosis.file, codebase) if diagnosis.file in codebase.files else ()
    found = next((one for one in known if one[0] == diagnosis.function), None)
    if found is None or "<locals>" in found[0]:
        return
    name, node, owner = found
    module = importable(codebase, diagnosis.file).rpartition(".")[2]
    holder = _holder(node, steps, module, owner)
    bound = owner is not None and not is_static(node)
    new = made(owner.name, owner, codebase) if owner and bound else ""
    if holder is None:
        return
    if node.name == "__init__" and owner is not None:
        if new:
            yield Caller(f"{module}.{new}", holder, node)
    elif new is not None:
        yield from _direct(diagnosis, (module, name, new), Caller("", holder, node), codebase)
    for path, call in running(diagnosis.file, node, codebase):
        if test := importable(codebase, path).rpartition(".")[2]:
            yield Caller(f"{test}.{call}", holder, node)


def _direct(diagnosis: Diagnosis, place: tuple[str, str, str], caller: Caller, codebase: Codebase) -> Iterator[Caller]:
    """Yield the ways to call the function itself; `place` are its module, its name, and what makes its object."""
    module, name, new = place
    node = caller.node
    called = f"{module}.{new}.{node.name}" if new else f"{module}.{name}"
    for arguments in given_to(node.name, diagnosis, codebase):
        call = f"{called}({arguments})"
        yield replace(caller, call=f"asyncio.run({call})" if isinstance(node, ast.AsyncFunctionDef) else call)


def _watched(caller: Caller, steps: list[str]) -> list[str]:
    """Return the lines of a test that watches the steps being called."""
    return [
        f"steps = {_listed(steps)}",
        "watcher = mock.Mock()",
        "with contextlib.ExitStack() as stack:",
        "    for step in steps:",
        f"        real = getattr({caller.holder}, step)",
        f"        spy = stack.enter_context(mock.patch.object({caller.holder}, step, side_effect=real, autospec=True))",
        "        watcher.attach_mock(spy, step)",
        f"    {caller.call}",
        "assert [call[0] for call in watcher.mock_calls] == steps",
    ]


def _listed(steps: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in steps) + "]"


def _table(path: str, steps: list[str], codebase: Codebase) -> Iterator[tuple[str, bool]]:
    """Yield (name, are its entries texts) of the module's own lists that hold the steps."""
    tree = codebase.tree(path)
    for node in tree.body if tree else ():
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        held = next(iter(steps_in(node, frozenset(steps))), None)
        if held is not None and isinstance(node.value, ast.List | ast.Tuple) and len(held.names) == len(steps):
            plain = all(isinstance(entry, ast.Constant) for entry in held.nodes)
            named = all(isinstance(entry, ast.Name | ast.Attribute) for entry in held.nodes)
            if plain or named:
                yield node.targets[0].id, plain


def _bodies(path: str, diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, list[str]]]:
    steps, module = _wanted(diagnosis), importable(codebase, path).rpartition(".")[2]
    if path == diagnosis.file and diagnosis.function:
        for number, caller in enumerate(_caller(diagnosis, steps, codebase), 1):
            name = caller.node.name.strip("_")
            yield f"{name}_takes_its_steps_in_order" + (f"_{number}" if number > 1 else ""), _watched(caller, steps)
    for table, plain in _table(path, steps, codebase):
        entry = f"list({module}.{table})" if plain else f"[step.__name__ for step in {module}.{table}]"
        lines = [f"assert {entry} == {_listed(steps)}"]
        yield f"{table.strip('_').lower()}_are_in_their_declared_order", lines


def _file(path: str, diagnosis: Diagnosis, codebase: Codebase) -> FileEdit | None:
    module = importable(codebase, path)
    tests = list(_bodies(path, diagnosis, codebase)) if module else []
    if not tests:
        return None
    package, _, last = module.rpartition(".")
    own = [f"from {package} import {last}" if package else f"import {last}"]
    said = "\n".join(line for _, lines in tests for line in lines)
    for test in (path for path in codebase.python_files if codebase.is_test(path)):
        folder, _, name = importable(codebase, test).rpartition(".")
        if name and f"    {name}.test" in said:
            own.append(f"from {folder} import {name}" if folder else f"import {name}")
    own = sorted(set(own))
    standard = ["asyncio", "contextlib", "unittest.mock"]
    text = test_module(
        f"The steps of `{module}`, in the order that they are declared in.", standard, own, tests, codebase
    )
    return FileEdit(path=new_path(codebase, path, "steps"), text=text)


@strategy(causes=("behavioral", "swapped", "moved", "repeated", "missing", "order"),
          trust="glance", touches="tests", kind="test", prior=0.7)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield new tests for each file that a fix of the order may touch, and tests beside others that run it."""
    if diagnosis.failing_tests or not diagnosis.details.get("fix"):
        return
    steps = _wanted(diagnosis)
    paths = [diagnosis.file] if diagnosis.file else []
    paths += [p for p in codebase.python_files if p not in paths and not codebase.is_test(p)]
    likely = [p for p in paths if p == diagnosis.file or all(name in codebase.text(p) for name in steps)]
    files = [made_ for path in likely[:3] if len(steps) > 1 and (made_ := _file(path, diagnosis, codebase))]
    beside = watching(diagnosis, codebase) if diagnosis.file in codebase.files else ()
    for edit in (*files, *beside):
        yield Proposal(
            strategy="steps_test",
            title=f"Test the order of the steps in {diagnosis.file or edit.path}",
            edits=(edit,),
            confidence=0.8,
            why="the declared order is what the code must keep.",
        )
