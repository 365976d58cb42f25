"""Tests that watch which functions are called, in which order, while another test runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit
from bot.strategies._calls import functions
from bot.strategies._harvest import Test, tests_running
from bot.strategies._siblings import Body, repeatable, with_siblings

WATCHER = '''\
def steps_taken(work, *names):
    """Return which of the named functions `work` calls, by their last names."""
    watcher = mock.Mock()
    with contextlib.ExitStack() as stack:
        for name in names:
            real = pkgutil.resolve_name(name)
            spied = mock.patch(name, side_effect=real, autospec=True)
            spy = stack.enter_context(spied)
            watcher.attach_mock(spy, name.rpartition(".")[2])
        work()
    return " ".join(["", *(call[0] for call in watcher.mock_calls), ""])
'''
IMPORTS = ("import contextlib", "import pkgutil", "from unittest import mock")
TESTS, FILES, LONGEST = 2, 2, 12
_SCRIPT = re2.compile(r"^(?:missing|swapped|moved) (\S+)(?: and (\S+))?")


def _importable(handler: str, place: str, codebase: Codebase) -> str:
    """Return the name under which the code at `place` reaches a function, '' when the project has no such function."""
    parts = handler.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module, rest = ".".join(parts[:cut]), ".".join(parts[cut:])
        path = codebase.modules.get(module, "")
        if path and any(name == rest for name, _, _ in functions(path, codebase)):
            bound = {name for one in codebase.imports(place) for name in one.bound}
            return f"{codebase.module_name(place)}.{rest}" if "." not in rest and rest in bound else handler
    return ""


def _orders(diagnosis: Diagnosis) -> Iterator[tuple[str, ...]]:
    """Yield the orders that a test may look for: of the steps that went wrong, then of all."""
    wanted = [name for name in diagnosis.details.get("expected", "").split("\n") if name]
    for line in diagnosis.details.get("script", "").split("\n"):
        found = _SCRIPT.search(line)
        named = {name for name in found.groups() if name} if found else set()
        some = tuple(name for name in wanted if name in named)
        if some:
            yield some
    if 1 < len(wanted) <= LONGEST:
        yield tuple(wanted)


def _body(order: Sequence[str], names: Sequence[str]) -> Body:
    def lines(work: str) -> list[str]:
        listed = ", ".join(f'"{name}"' for name in dict.fromkeys(names))
        wanted = " ".join(name.rpartition(".")[2] for name in order)
        return [f"taken = steps_taken({work}, {listed})", f'assert " {wanted} " in taken']

    return lines


def watching(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[FileEdit]:
    """Yield test files with tests beside those that run the function at fault, which look for its steps in order."""
    found = next((one for one in functions(diagnosis.file, codebase) if one[0] == diagnosis.function), None)
    tests = [one for one in tests_running(diagnosis.file, found[1], codebase) if repeatable(one)] if found else []
    orders = []
    for order in dict.fromkeys(_orders(diagnosis)):
        names = [_importable(name, diagnosis.file, codebase) for name in order]
        if all(names):
            orders.append(_body(order, names))
    files: dict[str, list[Test]] = {}
    for test in tests:
        files.setdefault(test.file, []).append(test)
    for path, here in sorted(files.items(), key=lambda row: -len(row[1]))[:FILES] if orders else ():
        text = codebase.text(path)
        if "steps_taken" not in text:
            made = [(test, _end(number), body) for test in here[:TESTS] for number, body in enumerate(orders[:2])]
            yield FileEdit(path=path, text=with_siblings(text, made, WATCHER, IMPORTS, codebase))


def _end(number: int) -> str:
    return "takes_its_steps_in_order" + (f"_{number + 1}" if number else "")
