"""Does the report still tell a failure? Code under test shares a process with its judge, so it is put to the test.

A copy of each test of the cause is made to fail at its end, in ways its kind of assertion can fail, and must be
reported as failed in words drawn by lot: whoever forges outcomes, silences assertions or replaces the runner can't
tell these copies from the tests that he wants to be green, and doesn't know the words.
"""

from __future__ import annotations

import ast
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import indent

from bot.checks import TestRun
from bot.codebase import Codebase
from bot.model import Check, CheckRecord, FileEdit, Run, Trial
from bot.proof.change import parsed
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import listed, within
from bot.proof.running import run_in, variant

MOST = 20
"""Tests of the cause that are made to fail at the most."""
_BAD = frozenset({"failed", "error"})
_FALSE = {
    "assertEqual": "1, 2",
    "assertNotEqual": "1, 1",
    "assertTrue": "0",
    "assertFalse": "1",
    "assertIs": "1, None",
    "assertIsNot": "None, None",
    "assertIsNone": "1",
    "assertIsNotNone": "None",
    "assertIn": "1, ()",
    "assertNotIn": "1, (1,)",
    "assertIsInstance": "1, str",
    "assertNotIsInstance": "1, int",
    "assertRaises": "KeyError, len, ()",
    "assertRaisesRegex": "KeyError, 'x', len, ()",
    "assertAlmostEqual": "1, 2",
    "assertNotAlmostEqual": "1, 1",
    "assertGreater": "1, 2",
    "assertGreaterEqual": "1, 2",
    "assertLess": "2, 1",
    "assertLessEqual": "2, 1",
    "assertRegex": "'a', 'b'",
    "assertNotRegex": "'a', 'a'",
    "assertCountEqual": "[1], [2]",
    "assertListEqual": "[1], [2]",
    "assertDictEqual": "{1: 1}, {}",
    "assertSetEqual": "{1}, {2}",
    "assertTupleEqual": "(1,), (2,)",
    "assertSequenceEqual": "(1,), (2,)",
    "assertMultiLineEqual": "'a', 'b'",
}
"""Arguments with which each assertion of `unittest.TestCase` must fail."""
_HELPERS = {
    "raises": "with {owner}raises(KeyError):\n    pass",
    "approx": "assert 1 == {owner}approx(2)",
}
"""Statements with which pytest's helpers must fail."""
_SILENCED = "kinds of assertion let a falsehood pass"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Witnesses:
    """Test files changed so that tests fail: `words` are what each must say, by the id of the test."""

    edits: tuple[FileEdit, ...]
    words: Mapping[str, str]


def prove_witness(trial: Trial, ground: Ground, check: Check, targets: tuple[str, ...]) -> Found:
    """Return whether the tests of the cause, made to fail, are reported as failing with the patch in place."""
    own = [test for test in targets if ground.codebase.is_test(located(test, ground.codebase.modules)[0])]
    made = witnesses(own[:MOST], _with(trial, ground.codebase), ground.codebase.modules)
    if not made.words:
        return Found(not_checked=("witness: what fails is in no test module",))
    ground.say(f"running {len(made.words)} test(s) made to fail, with the patch")
    done = run_in(ground, variant(trial, "witness", (*trial.patch.edits, *made.edits)), check, ids=made.words)
    silent = tuple(test for test, words in made.words.items() if words not in _said(done, test))
    runs: tuple[Run, ...] = (done.run,)
    if silent:
        ground.say(f"running {len(silent)} test(s) made to fail, without the patch")
        without = witnesses(silent, ground.codebase.files, ground.codebase.modules)
        control = run_in(ground, variant(trial, "witness-before", without.edits), check, ids=without.words)
        silent = tuple(test for test in silent if not _by_nature(control, test))
        runs = (*runs, control.run)
    return Found((_record(tuple(made.words), silent, done, runs),))


def _said(done: TestRun, test: str) -> str:
    """Return what a test that failed said, '' for one that is not reported as failed."""
    return done.errors[test].message if done.outcomes.get(test) in _BAD and test in done.errors else ""


def _by_nature(control: TestRun, test: str) -> bool:
    """Return whether a test made to fail goes unreported without any patch too: that is how the project is.

    One that was added and is not even collected is no witness; where its module can't be imported, it may still be.
    """
    if test in control.outcomes:
        return control.outcomes[test] not in _BAD or _SILENCED in _said(control, test)
    broken = (name for name, outcome in control.outcomes.items() if outcome in _BAD)
    return not control.stopped and not any(within(test, (name,)) for name in broken)


def _record(tests: tuple[str, ...], silent: tuple[str, ...], done: TestRun, runs: tuple[Run, ...]) -> CheckRecord:
    states = [f"{test} {done.outcomes.get(test, 'not run')}" for test in silent]
    return CheckRecord(
        name="witness",
        passed=not silent,
        seen=f"{len(tests) - len(silent)} of {len(tests)} tests made to fail are reported as failing"
        + (f"; not so {listed(states)}" if silent else ""),
        wanted="a copy of each test of the cause that must fail does, in its own words",
        why="The patch runs in the same process as the report: one that can't be red proves nothing.",
        runs=runs,
    )


def _with(trial: Trial, codebase: Codebase) -> Mapping[str, str]:
    texts = dict(codebase.files)
    for edit in trial.patch.edits:
        texts[edit.path] = edit.text or ""
    return texts


def witnesses(tests: Iterable[str], texts: Mapping[str, str], modules: Mapping[str, str]) -> Witnesses:
    """Return the files of `tests` (ids of pytest or unittest) with each test made to fail at its end.

    For a test whose function is not to be seen in its file a failing one is added beside it. `texts` are the files by
    path, `modules` the paths by dotted name.
    """
    trees: dict[str, ast.Module] = {}
    words: dict[str, str] = {}
    done: dict[tuple[str, tuple[str, ...]], str] = {}
    for test in tests:
        path, names, prefix = located(test, modules)
        tree = trees.get(path) or parsed(texts.get(path, ""))
        if tree is None or not texts.get(path):
            continue
        trees[path] = tree
        function = _function(tree, names)
        at = (path, names if function else ())
        if at not in done:
            done[at] = f"witness {secrets.token_hex(8)}"
            beside = _fail(function, tree, done[at]) if function else _beside(tree, prefix, done[at])
            words.update({} if function else {beside: done[at]})
        words.update({test: done[at]} if function else {})
    edits = tuple(FileEdit(path=path, text=ast.unparse(tree) + "\n") for path, tree in trees.items())
    return Witnesses(edits, words)


def located(test: str, modules: Mapping[str, str]) -> tuple[str, tuple[str, ...], str]:
    """Return a test's file, the names down to its function, and what ids of tests in that file begin with."""
    path, _, rest = test.partition("::")
    if path.endswith(".py"):
        return path, tuple(rest.partition("[")[0].split("::")) if rest else (), f"{path}::"
    parts = test.split(".")
    for upto in range(len(parts), 0, -1):
        module = ".".join(parts[:upto])
        if module in modules:
            return modules[module], tuple(parts[upto:]), f"{module}."
    ends = [name for name in modules if name.endswith(f".{parts[0]}")]
    if len(ends) == 1 and len(parts) > 1:
        return modules[ends[0]], tuple(parts[1:]), f"{parts[0]}."
    return "", (), ""


def _function(tree: ast.Module, names: tuple[str, ...]) -> Function | None:
    body: list[ast.stmt] = tree.body
    found: ast.stmt | None = None
    for name in names:
        named = [one for one in body if getattr(one, "name", None) == name]
        found = named[-1] if named else None
        body = found.body if isinstance(found, ast.ClassDef) else []
    return found if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _fail(function: Function, tree: ast.Module, word: str) -> str:
    """Let a test end in a failure, whatever its body comes to: first each kind of assertion it uses must fail."""
    kinds = _kinds(function, tree)
    lines = [f"try:\n{indent(kind, '    ')}\nexcept BaseException:\n    held -= 1" for kind in kinds]
    checked = f"if held:\n    raise AssertionError(f'{{held}} {_SILENCED}')\nraise AssertionError({word!r})"
    final = ast.parse("\n".join([f"held = {len(kinds)}", *lines, checked])).body
    function.decorator_list = [one for one in function.decorator_list if not _expects_failure(one)]
    function.body = [ast.Try(body=function.body, handlers=[], orelse=[], finalbody=final)]
    ast.fix_missing_locations(function)
    return function.name


def _expects_failure(decorator: ast.expr) -> bool:
    text = ast.unparse(decorator)
    return "xfail" in text or "expectedFailure" in text


def _kinds(function: Function, tree: ast.Module) -> list[str]:
    """Return statements that must fail, one for each kind of assertion that a test uses."""
    used: dict[str, None] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            used["assert 1 == 2"] = None
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        owner = f"{ast.unparse(node.value)}." if isinstance(node, ast.Attribute) else ""
        if name in _FALSE and owner == "self.":
            used[f"self.{name}({_FALSE[name]})"] = None
        elif name in _HELPERS and (owner == "pytest." or _from_pytest(tree, name)):
            used[_HELPERS[name].format(owner=owner)] = None
    return list(used)


def _from_pytest(tree: ast.Module, name: str) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "pytest")
    return any(alias.name == name and not alias.asname for node in imports for alias in node.names)


def _beside(tree: ast.Module, prefix: str, word: str) -> str:
    """Add a test that fails to a module, as pytest or unittest find one, and return its id."""
    own = f"test_{secrets.token_hex(4)}"
    if prefix.endswith("::"):
        text = f"def {own}():\n    raise AssertionError({word!r})"
        added = f"{prefix}{own}"
    else:
        case = f"Test{own}"
        head = f"class {case}(__import__('unittest').TestCase):\n    def {own}(self):\n"
        text = f"{head}        raise AssertionError({word!r})"
        added = f"{prefix}{case}.{own}"
    tree.body += ast.parse(text).body
    return added
