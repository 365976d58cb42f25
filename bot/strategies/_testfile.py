"""Test files in a project's own style: where they lie, which runner they are for, how they import."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import PurePosixPath

from bot.codebase import Codebase


def runner(codebase: Codebase) -> str:
    """Return `unittest` when the project's test command or all of its tests are unittest's, else `pytest`."""
    named = next((check.runner for check in codebase.info.checks if check.runner), "")
    if named:
        return named
    tests = [codebase.text(path) for path in codebase.python_files if codebase.is_test(path)]
    return "unittest" if tests and all("import unittest" in text for text in tests) else "pytest"


def folder(codebase: Codebase, module_path: str) -> str:
    """Return the folder for a new test of a module: where the test of its neighbours lie, else where most tests do."""
    tests = [PurePosixPath(path) for path in codebase.python_files if codebase.is_test(path)]
    tests = [path for path in tests if path.name.startswith("test_") or path.stem.endswith("_test")]
    stem = PurePosixPath(module_path).stem
    same = [path for path in tests if stem in path.stem]
    counted = Counter(str(path.parent) for path in (same or tests))
    return counted.most_common(1)[0][0] if counted else "tests"


def new_path(codebase: Codebase, module_path: str, name: str) -> str:
    """Return a path for a new test file that no file has yet, named as the project names its tests."""
    place = folder(codebase, module_path)
    behind = [p for p in codebase.python_files if codebase.is_test(p) and PurePosixPath(p).stem.endswith("_test")]
    before = [p for p in codebase.python_files if codebase.is_test(p) and PurePosixPath(p).name.startswith("test_")]
    suffix = len(behind) > len(before)
    stem = PurePosixPath(module_path).stem.strip("_") or "module"
    for number in range(1, 50):
        base = f"{stem}_{name}" + (f"_{number}" if number > 1 else "")
        path = f"{place}/{base}_test.py" if suffix else f"{place}/test_{base}.py"
        path = path.removeprefix("./")
        if path not in codebase.files:
            return path
    raise ValueError("every name for a new test file is taken")


def importable(codebase: Codebase, path: str) -> str:
    """Return the dotted name a test imports a module by, '' when it has none that is an identifier."""
    module = codebase.module_name(path)
    return module if module and all(part.isidentifier() for part in module.split(".")) else ""


def literal(value: object) -> str:
    """Return a value as Python source, mappings in their order; raises ValueError for what has no literal form."""
    text = repr(value)
    if ast.literal_eval(text) != value:
        raise ValueError(f"{text[:50]} does not read back as itself")
    return text


def test_module(
    about: str, standard: list[str], own: list[str], tests: list[tuple[str, list[str]]], codebase: Codebase
) -> str:
    """Return a test file: its docstring, the imports that its lines name, and one test for each (name, lines)."""
    unit = runner(codebase) == "unittest"
    text = "\n".join([*own, *(line for _, lines in tests for line in lines)])
    needed = [f"import {name}" for name in standard if f"{name}." in text]
    needed += ["from unittest import mock"] if "unittest.mock" in standard and "mock." in text else []
    needed = sorted({*needed, "import unittest"} if unit else needed, key=lambda line: (line.startswith("from"), line))
    head = [f'"""{about}"""', "", *([*needed, ""] if needed else []), *own, "", ""]
    if not unit:
        return "\n".join([*head, "\n\n".join(_function(name, lines) for name, lines in tests)])
    methods = [_indented(_function(name, [asserted(line) for line in lines], "self")) for name, lines in tests]
    end = ["", "", 'if __name__ == "__main__":', "    unittest.main()", ""]
    title = ["class GeneratedTest(unittest.TestCase):", f'    """{about}"""', ""]
    return "\n".join([*head, *title, "\n".join(methods).rstrip("\n"), *end])


def _function(name: str, lines: list[str], parameters: str = "") -> str:
    inside = (f"    {line}\n" for line in (said(name), *lines))
    return "".join([f"def test_{name}({parameters}):\n", *inside])


def said(name: str) -> str:
    """Return the docstring of a test: some projects want one everywhere, and the others do not mind."""
    words = " ".join(name.removeprefix("test_").strip("_").split("_"))
    return f'"""{words[:1].upper()}{words[1:]}."""'


def asserted(line: str) -> str:
    """Return an `assert` of a comparison as unittest says it, any other line as it is."""
    node = ast.parse(line).body[0] if line.startswith("assert ") else None
    compared = node.test if isinstance(node, ast.Assert) else None
    method = _METHODS.get(type(compared.ops[0])) if isinstance(compared, ast.Compare) else None
    if not isinstance(compared, ast.Compare) or method is None:
        return line
    said = [compared.left, compared.comparators[0], *([node.msg] if isinstance(node, ast.Assert) and node.msg else [])]
    return f"self.{method}({', '.join(map(ast.unparse, said))})"


_METHODS: dict[type[ast.cmpop], str] = {
    ast.Eq: "assertEqual",
    ast.Is: "assertIs",
    ast.IsNot: "assertIsNot",
    ast.LtE: "assertLessEqual",
}


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.split("\n")[:-1])
