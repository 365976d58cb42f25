"""The test command: pytest where it is configured, called or written for, Django's by its plug-in, else unittest."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import re2

from bot.checks.discovery import pytest_options
from bot.checks.discovery.calls import exists, expanded
from bot.checks.discovery.config import Config
from bot.checks.discovery.django import django_check
from bot.checks.discovery.installs import installs
from bot.checks.discovery.invocations import Invocation
from bot.checks.discovery.pins import Pins
from bot.codebase.layout import TEST_FOLDERS, is_test_path
from bot.codebase.metadata import name_of
from bot.model import Check

_PYTEST_STYLE = re2.compile(
    r"(?m)^(?:import pytest\b|from pytest\b|(?:async )?def test_?\w*\(|class Test\w*(?:\(\))?:)"
)
_UNITTEST_DROP = frozenset({"-v", "--verbose", "-q", "--quiet", "-f", "--failfast", "-b", "--buffer", "-c", "--catch"})


def test_checks(files: Mapping[str, str], made: tuple[Invocation, ...]) -> tuple[Check, ...]:
    """Return the check that runs the test suite, or none when the project has no tests."""
    config = Config(files)
    options, configured = pytest_options.read(config)
    tests = test_files(files, options)
    if not tests:
        return ()
    pytest = [call for call in made if call.tool == "pytest"]
    unittest = [call for call in made if call.tool == "unittest"]
    django = django_check(config, made, tests)
    named = bool(configured or pytest or config.declares("pytest"))
    if named or (not unittest and not django and _written_for_pytest(files, tests)):
        return (_pytest_check(config, made, tests, (options, configured)),)
    return (django or _unittest_check(files, unittest, tests),)


def test_files(files: Mapping[str, str], options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that hold tests by the names the project uses, in order."""
    patterns = (options.get("python_files") or "").split()
    return tuple(sorted(path for path in files if path.endswith(".py") and _is_test_module(path, patterns)))


def _is_test_module(path: str, patterns: list[str]) -> bool:
    name = PurePosixPath(path).name
    if patterns:
        return any(fnmatch.fnmatchcase(path if "/" in pattern else name, pattern) for pattern in patterns)
    return (is_test_path(path) and name.startswith("test")) or name.endswith("_test.py")


def _written_for_pytest(files: Mapping[str, str], tests: tuple[str, ...]) -> bool:
    conftest = any(PurePosixPath(path).name == "conftest.py" for path in files)
    return conftest or any(_PYTEST_STYLE.search(files[path]) for path in tests)


def _pytest_check(
    config: Config, made: tuple[Invocation, ...], tests: tuple[str, ...], ini: tuple[dict[str, str], str]
) -> Check:
    options, configured = ini
    call = _best(config.files, made, tests)
    arguments = pytest_options.kept(call.arguments) if call else ()
    arguments = _with_examples(config.files, made, tests, arguments)
    pins = Pins(config, made)
    plugins = [text for name in pytest_options.plugins(arguments, options) for text in pins.requirements(name)]
    needs = [*pins.needs("pytest"), *plugins, *_named_installs(config, made)]
    return Check(
        name="pytest",
        kind="test",
        tool="pytest",
        argv=("python", "-m", "pytest", *arguments),
        cwd=call.cwd if call else ".",
        found_in=(call.found_in if call else "") or configured or tests[0],
        runner="pytest",
        needs=tuple(dict.fromkeys(needs)),
        env=call.env if call else {},
    )


def _with_examples(
    files: Mapping[str, str], made: tuple[Invocation, ...], tests: tuple[str, ...], arguments: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the arguments with the examples of docstrings and pages that another call runs beside the tests."""
    if any(word.startswith("--doctest") for word in arguments):
        return arguments
    for call in made:
        options = [word for word in call.arguments if word.startswith("--doctest-")]
        paths = pytest_options.paths(call.arguments)
        if call.tool == "pytest" and call.cwd == "." and options and paths and _share(files, ".", paths, tests) == 0:
            own = pytest_options.paths(arguments) or tuple(dict.fromkeys(test.split("/")[0] for test in tests))
            there = [path for path in paths if exists(files, ".", path)]
            given = [word for word in arguments if word not in pytest_options.paths(arguments)]
            return (*given, *options, *own, *there) if there else arguments
    return arguments


def _named_installs(config: Config, made: tuple[Invocation, ...]) -> Iterator[str]:
    """Yield what automation installs by name for the tests: only what is no tool of its own."""
    tools = {call.tool for call in made} - {"pytest"}
    for text in installs(config.files, made):
        if name_of(text) not in tools and name_of(text) not in {"coverage", "pytest-cov", "ruff", "black", "mypy"}:
            yield text if not config.declares(name_of(text)) else config.requirements(name_of(text))[0]


def _best(files: Mapping[str, str], made: tuple[Invocation, ...], tests: tuple[str, ...]) -> Invocation | None:
    """Return the call to take: of the most telling source the one that runs the most; one that runs few is no suite."""
    rows: list[tuple[bool, int, float, int, int, Invocation]] = []
    for call in made:
        words = expanded(files, call) if call.tool == "pytest" else None
        if words is not None and not pytest_options.narrow(words):
            share = _share(files, call.cwd, pytest_options.paths(words), tests)
            full = Invocation(call.tool, words, call.env, call.cwd, call.found_in, call.rank)
            order = call.rank if share >= 0.5 else 0
            aside = pytest_options.narrow((call.found_in,))
            rows.append((share < 0.5, order + aside, -share, len(words), len(rows), full))
    best = min(rows, default=None)
    return best[-1] if best and best[2] < 0 else None


def _share(files: Mapping[str, str], cwd: str, paths: tuple[str, ...], tests: tuple[str, ...]) -> float:
    """Return the share of the test files that a call on `paths` runs, 1 without paths; 0 when a path is not there."""
    if not all(exists(files, cwd, path) for path in paths):
        return 0.0
    prefix = "" if cwd == "." else f"{cwd}/"
    starts = [prefix + path.partition("::")[0].removeprefix("./").rstrip("/") for path in paths] or [prefix or "."]
    run = [test for test in tests if any(start in (".", "") or _under(test, start) for start in starts)]
    return len(run) / len(tests)


def _under(path: str, start: str) -> bool:
    return path == start or path.startswith(start if start.endswith("/") else f"{start}/")


def _unittest_check(files: Mapping[str, str], made: list[Invocation], tests: tuple[str, ...]) -> Check:
    usable = (call for call in made if expanded(files, call) is not None)
    call = next((one for one in usable if "-s" not in one.arguments or _start_exists(files, one)), None)
    words = tuple(word for word in call.arguments if word not in _UNITTEST_DROP) if call else ()
    return Check(
        name="unittest",
        kind="test",
        tool="unittest",
        argv=("python", "-m", "unittest", *(words if call else _discovery(files, tests))),
        cwd=call.cwd if call else ".",
        found_in=call.found_in if call else tests[0],
        runner="unittest",
        env=call.env if call else {},
    )


def _start_exists(files: Mapping[str, str], call: Invocation) -> bool:
    at = call.arguments.index("-s") + 1
    return at < len(call.arguments) and exists(files, call.cwd, call.arguments[at])


def _discovery(files: Mapping[str, str], tests: tuple[str, ...]) -> Iterator[str]:
    """Discovery enters packages only, so it starts at the highest folder from which packages lead to most tests."""
    starts = Counter(_highest(files, str(PurePosixPath(path).parent)) for path in tests)
    start = max(sorted(starts), key=lambda one: starts[one])
    inside = [path for path in tests if _under(path, start) or start == "."]
    yield from ("discover", "-s", start)
    if start != "." and f"{start}/__init__.py" in files:
        yield from ("-t", ".")
    if sum(PurePosixPath(path).name.startswith("test") for path in inside) * 2 < len(inside):
        yield from ("-p", "*_test.py")


def _highest(files: Mapping[str, str], folder: str) -> str:
    """Return the highest folder of tests from which packages lead down to a folder."""
    parent = PurePosixPath(folder).parent
    while parent.name in TEST_FOLDERS and f"{folder}/__init__.py" in files:
        folder, parent = str(parent), parent.parent
    return folder
