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
