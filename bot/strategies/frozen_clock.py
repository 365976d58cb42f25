"""Give a test that holds only on some days a clock of its own: the day goes in as a parameter.

A function that asks for today's date or the present time itself takes it as an optional parameter instead, and the
failing test hands in the day on which its expectation was true. Only where the test's own literal tells that day.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._heads import closing
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_TODAY = {"datetime.date.today": "today", "datetime.datetime.now": "now", "datetime.datetime.today": "now"}
_YEARS = re2.compile(r"\b(20\d\d)\b")


def _clocks(unit: Unit) -> Iterator[tuple[ast.FunctionDef, ast.Call, str]]:
    """Yield (function, call, parameter) of the functions that ask for the time exactly once, without a time zone."""
    for function in (n for n in ast.walk(unit.tree) if isinstance(n, ast.FunctionDef)):
        calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and unit.origin(n.func) in _TODAY]
        if len(calls) == 1 and not calls[0].args and not calls[0].keywords:
            name = _TODAY[unit.origin(calls[0].func)]
            taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} | {
                a.arg for a in ast.walk(function) if isinstance(a, ast.arg)
            }
            plain = not (function.args.vararg or function.args.kwarg or function.args.kwonlyargs)
            if name not in taken and plain:
                yield function, calls[0], name


def _injected(unit: Unit, function: ast.FunctionDef, call: ast.Call, name: str) -> str:
    """Return the text with the time as an optional parameter, asked for only when none is given."""
    at = closing(unit.text, function)
    if at is None:
        return unit.text
    asked = ast.unparse(call)
    parameter = f", {name}=None" if function.args.args else f"{name}=None"
    spots: list[tuple[Span | ast.AST, str]] = [(call, f"({name} or {asked})"), (at, parameter)]
    return replace(unit.text, spots)


def _day(said: str, test: ast.AST) -> tuple[int, int, int] | None:
    """Return the day that a test's expectation was true on: its one date literal, or the year that it names."""
    texts = [n.value for n in ast.walk(test) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    dates = {tuple(map(int, found)) for text in texts for found in _DATE.findall(text)}
    if len(dates) == 1:
        year, month, day = dates.pop()
        return year, month, day
    numbers = [n.value for n in ast.walk(test) if isinstance(n, ast.Constant)]
    years = {number for number in numbers if isinstance(number, int) and 2000 <= number < 2100}
    return (years.pop(), 1, 1) if len(years) == 1 and _YEARS.search(said) else None


_DATE = re2.compile(r"^(20\d\d)-(\d\d)-(\d\d)$")


def _handed(unit: Unit, test: ast.AST, function: str, given: tuple[str, str]) -> str:
    """Return the test file with the day handed to every call of the function in the test."""
    name, value = given
    spots: list[tuple[Span | ast.AST, str]] = []
    for call in (n for n in ast.walk(test) if isinstance(n, ast.Call)):
        called = unit.origin(call.func).rpartition(".")[2]
        if called == function and all(word.arg != name for word in call.keywords):
            line, column = call.end_lineno or call.lineno, (call.end_col_offset or 1) - 1
            more = ", " if call.args or call.keywords else ""
            spots.append((Span(line, column, line, column), f"{more}{name}={value}"))
    return replace(unit.text, spots)


@strategy(causes=("test-failure", "flaky"), trust="review", touches="tests", prior=0.5)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each failing test that compares with a literal day what a function makes of today."""
    said = " ".join(site.message for site in sites(diagnosis, codebase))
    for test_id in diagnosis.failing_tests[:3]:
        path, _, rest = test_id.partition("::")
        name = rest.rpartition("::")[2].partition("[")[0]
        tree = codebase.tree(path)
        tests = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name] if tree else []
        day = _day(said, tests[0]) if len(tests) == 1 else None
        if tree is None or day is None:
            continue
        yield from _for_test(path, tests[0].name, day, codebase)


def _for_test(path: str, name: str, day: tuple[int, int, int], codebase: Codebase) -> Iterator[Proposal]:
    unit = Unit(codebase.text(path))
    for module, home in sorted(codebase.modules.items()):
        if codebase.is_test(home) or not any(o == module or o.startswith(f"{module}.") for o in unit.origins.values()):
            continue
        own = Unit(codebase.text(home))
        for function, call, parameter in _clocks(own):
            changed = _injected(own, function, call, parameter)
            names = Names(unit)
            kind = "datetime.date" if parameter == "today" else "datetime.datetime"
            value = f"{names.spell(kind)}({day[0]}, {day[1]}, {day[2]})"
            test = next(n for n in ast.walk(unit.tree) if isinstance(n, ast.FunctionDef) and n.name == name)
            tested = Unit(_handed(unit, test, function.name, (parameter, value)))
            if tested.text == unit.text or changed == own.text:
                continue
            with_imports(tested, names.imports)
            edits: tuple[FileEdit, ...] = (*edit(home, own.text, changed), *edit(path, unit.text, tested.text))
            yield Proposal(
                strategy="frozen_clock",
                title=f"Let {function.name} be told the time, and tell it in {name}",
                edits=edits,
                confidence=0.7,
                why="the test compares with a fixed day what the function makes of the present one.",
            )
