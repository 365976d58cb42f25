"""The test command: pytest where it is configured or the tests are written for it, else unittest."""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import re2

from bot.checks.discovery.config import Config
from bot.codebase.layout import is_test_path
from bot.model import Check

_PYTEST_STYLE = re2.compile(r"(?m)^(?:import pytest\b|from pytest\b|(?:async )?def test_\w*\(|class Test\w*(?:\(\))?:)")
_UNITTEST_STYLE = re2.compile(r"(?m)^(?:import unittest\b|from unittest\b|from django\.test\b)")
_PLUGINS = {
    "--cov": "pytest-cov",
    "-n": "pytest-xdist",
    "--numprocesses": "pytest-xdist",
    "--dist": "pytest-xdist",
    "--timeout": "pytest-timeout",
    "--reruns": "pytest-rerunfailures",
    "--benchmark": "pytest-benchmark",
    "--asyncio-mode": "pytest-asyncio",
    "--random-order": "pytest-random-order",
    "--html": "pytest-html",
    "--mypy": "pytest-mypy",
    "--ds": "pytest-django",
    "--mpl": "pytest-mpl",
    "--doctest-plus": "pytest-doctestplus",
    "--strict-markers": "",
}
_SETTINGS = {
    "asyncio_mode": "pytest-asyncio",
    "asyncio_default_fixture_loop_scope": "pytest-asyncio",
    "timeout": "pytest-timeout",
    "DJANGO_SETTINGS_MODULE": "pytest-django",
    "django_settings_module": "pytest-django",
    "env": "pytest-env",
    "mpl-results-path": "pytest-mpl",
    "qt_api": "pytest-qt",
    "required_plugins": "",
}


def test_checks(files: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the check that runs the test suite, or none when the project has no tests."""
    config = Config(files)
    options, found_in = pytest_options(config)
    tests = test_files(files, options)
    if not tests:
        return ()
    if found_in or _written_for_pytest(files, tests) or config.declares("pytest"):
        return (_pytest_check(config, options, found_in or tests[0]),)
    return (_unittest_check(files, tests),)


def pytest_options(config: Config) -> tuple[dict[str, str], str]:
    """Return pytest's ini options as text and the file that holds them, in pytest's own order of search."""
    for file in ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"):
        if file in config.files:
            return config.section(file, "pytest") or {}, file
    table = config.tool("pytest")
    if table is not None:
        values = table.get("ini_options", table)
        return {key: _as_text(value) for key, value in values.items()}, "pyproject.toml"
    for file, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if (found := config.section(file, section)) is not None:
            return found, file
    return {}, "conftest.py" if "conftest.py" in config.files else ""


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value)


def test_files(files: Mapping[str, str], options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that hold tests by the names the project uses, in order."""
    patterns = (options.get("python_files") or "").split()
    found = (path for path in files if path.endswith(".py") and _is_test_module(path, patterns))
    return tuple(sorted(found))


def _is_test_module(path: str, patterns: list[str]) -> bool:
    name = PurePosixPath(path).name
    if patterns:
        return any(fnmatch.fnmatch(path if "/" in pattern else name, pattern) for pattern in patterns)
    return (is_test_path(path) and name.startswith("test")) or name.endswith("_test.py")


def _written_for_pytest(files: Mapping[str, str], tests: tuple[str, ...]) -> bool:
    conftest = any(PurePosixPath(path).name == "conftest.py" for path in files)
    return conftest or any(_PYTEST_STYLE.search(files[path]) for path in tests)


def _pytest_check(config: Config, options: Mapping[str, str], found_in: str) -> Check:
    needs = (config.requirement("pytest"), *(config.requirement(name) for name in _plugins(config, options)))
    return Check(
        name="pytest",
        kind="test",
        tool="pytest",
        argv=("python", "-m", "pytest"),
        found_in=found_in,
        runner="pytest",
        needs=needs,
    )


def _plugins(config: Config, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the plugins that the configuration can't do without, and those that the project declares."""
    added = split(options.get("addopts") or "")
    wanted = [plugin for start, plugin in _PLUGINS.items() for word in added if _starts(word, start)]
    wanted += [plugin for key, plugin in _SETTINGS.items() if key in options]
    wanted += [one.name for one in config.metadata.dependencies if one.name.startswith("pytest-")]
    return tuple(dict.fromkeys(plugin for plugin in wanted if plugin))


def _starts(word: str, option: str) -> bool:
    return word == option or word.startswith((f"{option}=", f"{option}-"))


def split(text: str) -> list[str]:
    """Return the words of a shell-like text; of one that is not well formed, those between blanks."""
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _unittest_check(files: Mapping[str, str], tests: tuple[str, ...]) -> Check:
    arguments = tuple(_unittest_arguments(files, tests))
    return Check(
        name="unittest",
        kind="test",
        tool="unittest",
        argv=("python", "-m", "unittest", *arguments),
        found_in=tests[0],
        runner="unittest",
    )


def _unittest_arguments(files: Mapping[str, str], tests: tuple[str, ...]) -> Iterator[str]:
    """Discovery enters packages only, so it starts at the highest folder from which packages lead to the tests."""
    folders = sorted({str(PurePosixPath(path).parent) for path in tests}, key=lambda one: (one.count("/"), one))
    start = folders[0]
    yield from ("discover", "-s", start)
    if start != "." and f"{start}/__init__.py" in files:
        yield from ("-t", ".")
    if not any(PurePosixPath(path).name.startswith("test") for path in tests):
        yield from ("-p", "*_test.py")
