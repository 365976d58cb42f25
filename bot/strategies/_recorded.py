"""Recorded calls as test files: cases as source text, in the style of pytest or unittest."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Iterable
from dataclasses import dataclass

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, RecordedCall
from bot.strategies._calls import functions, is_static
from bot.strategies._testfile import importable, literal, new_path, runner, said

_ERROR = re2.compile(r"^(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|Iteration))\b")
MOST = 8


@dataclass(frozen=True)
class Case:
    """One call as source text: its arguments, and what must come back (or which builtin exception)."""

    arguments: str
    expected: str = ""
    error: str = ""
    near: bool = False


def _value(text: str | None, *, as_tuple: bool = False) -> object:
    found = json.loads(text) if text is not None else None
    return tuple(found) if as_tuple and isinstance(found, list) else found


def _has_floats(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_floats(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(_has_floats(one) for one in value)
    return isinstance(value, float)


def _arguments(call: RecordedCall, *, bound: bool) -> str:
    """Return the arguments of a call as source; raises ValueError when one has no literal form."""
    given = json.loads(call.args or "[]")
    words = json.loads(call.kwargs or "{}")
    if not isinstance(given, list) or not isinstance(words, dict) or bound:
        raise ValueError("the call needs an object")
    parts = [literal(value) for value in given]
    return ", ".join([*parts, *(f"{name}={literal(value)}" for name, value in words.items() if name.isidentifier())])


def arguments_of(call: RecordedCall) -> str | None:
    """Return the arguments of a recorded call as source text, None when one of them has no literal form."""
    try:
        return _arguments(call, bound=False)
    except (ValueError, SyntaxError, TypeError, RecursionError):
        return None


def _case(call: RecordedCall, *, bound: bool, as_tuple: bool) -> Case | None:
    try:
        arguments = _arguments(call, bound=bound)
        if call.error:
            found = _ERROR.search(call.error)
            name = found.group(1) if found else ""
            return Case(arguments, error=name) if hasattr(builtins, name or "-") else None
        if call.result is None:
            return None
        value = _value(call.result, as_tuple=as_tuple)
        return Case(arguments, expected=literal(value), near=_has_floats(value))
    except (ValueError, SyntaxError, TypeError, RecursionError):
        return None


def _returns_tuple(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    annotated = function.returns is not None and ast.unparse(function.returns).lower().startswith("tuple")
    return annotated or (bool(values) and all(isinstance(value, ast.Tuple) for value in values))


def _pytest(called: str, name: str, cases: list[Case]) -> str:
    plain = [case for case in cases if not case.error]
    failing = [case for case in cases if case.error]
    parts: list[str] = []
    for number, case in enumerate(plain, 1):
        near = case.near and case.expected[:1] != "{"
        wanted = f"pytest.approx({case.expected})" if near else case.expected
        operator = "is" if case.expected in {"None", "True", "False"} else "=="
        head = _head(f"{name}_returns_what_was_recorded{_suffix(number, plain)}")
        parts.append(f"{head}\n    assert {called}({case.arguments}) {operator} {wanted}\n")
    for number, case in enumerate(failing, 1):
        head = _head(f"{name}_raises_what_was_recorded{_suffix(number, failing)}")
        parts.append(f"{head}\n    with pytest.raises({case.error}):\n        {called}({case.arguments})\n")
    return "\n\n".join(parts)


def _head(name: str) -> str:
    return f"def test_{name}():\n    {said(name)}"


def _suffix(number: int, cases: list[Case]) -> str:
    return f"_{number}" if len(cases) > 1 else ""


def _unittest(called: str, name: str, cases: list[Case]) -> str:
    title = "".join(part.capitalize() for part in name.split("_"))
    lines = [f"class {title}RecordedTest(unittest.TestCase):", f'    """Recorded calls of `{name}`."""', ""]
    for number, case in enumerate(cases, 1):
        lines += [f"    def test_recorded_{number}(self):", f"        {said(f'recorded {number}')}"]
        if case.error:
            lines += [f"        with self.assertRaises({case.error}):", f"            {called}({case.arguments})"]
        elif case.near and case.expected[:1] not in "[{(":
            lines.append(f"        self.assertAlmostEqual({called}({case.arguments}), {case.expected})")
        else:
            lines.append(f"        self.assertEqual({called}({case.arguments}), {case.expected})")
        lines.append("")
    return "\n".join([*lines, "", 'if __name__ == "__main__":', "    unittest.main()", ""])


def _file(module: str, qualname: str, cases: list[Case], style: str) -> str:
    top, name = qualname.partition(".")[0], qualname.rpartition(".")[2]
    body = (_unittest if style == "unittest" else _pytest)(qualname, name, cases)
    head = [f'"""Recorded calls of `{module}.{qualname}`, replayed."""', ""]
    needs_pytest = style != "unittest" and "pytest." in body
    head += ["import unittest", ""] if style == "unittest" else ["import pytest", ""] if needs_pytest else []
    return "\n".join([*head, f"from {module} import {top}", "", "", body])


def test_file(diagnosis: Diagnosis, calls: Iterable[RecordedCall], name: str, codebase: Codebase) -> FileEdit | None:
    """Return a new test file with recorded calls of the diagnosed function, None when none can be written down."""
    module = importable(codebase, diagnosis.file) if diagnosis.file in codebase.files else ""
    known = functions(diagnosis.file, codebase) if module else ()
    found = [one for one in known if one[0] == diagnosis.function]
    if not found or isinstance(found[0][1], ast.AsyncFunctionDef):
        return None
    qualname, node, owner = found[0]
    bound = owner is not None and not is_static(node)
    made = [_case(call, bound=bound, as_tuple=_returns_tuple(node)) for call in calls]
    cases = list(dict.fromkeys(case for case in made if case is not None))[:MOST]
    if not cases:
        return None
    path = new_path(codebase, diagnosis.file, f"{node.name}_{name}".strip("_"))
    return FileEdit(path=path, text=_file(module, qualname, cases, runner(codebase)))
