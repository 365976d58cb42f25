"""pytest's options: where they are configured, which of a call's matter here, which plug-ins they take."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.checks.discovery.config import Config

_FILES = (("pytest.toml", "pytest"), (".pytest.toml", "pytest"), ("pytest.ini", "pytest"), (".pytest.ini", "pytest"))
_LATER_FILES = (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_DROP = frozenset(
    {"-v", "-vv", "-vvv", "--verbose", "-q", "--quiet", "-qq", "-x", "--exitfirst", "-s", "--no-header", "--no-summary"}
    | {"--self-contained-html", "-l", "--showlocals", "--cov", "--no-cov", "--no-cov-on-fail", "--cov-branch", "-sv"}
    | {"--cov-append", "--failed-first", "--ff", "--new-first", "--nf", "--benchmark-disable", "--benchmark-skip"}
    | {"--full-trace", "--disable-warnings", "--disable-pytest-warnings", "-vs", "-xvs", "-svv", "-vvs", "--sw", "-xv"}
)
_DROP_VALUED = frozenset(
    {"--cov", "--cov-report", "--cov-config", "--cov-fail-under", "--cov-context", "-n", "--numprocesses", "--dist"}
    | {"--maxprocesses", "--junitxml", "--junit-xml", "--durations", "--durations-min", "--html", "--tb", "--color"}
    | {"--maxfail", "--capture", "--reruns", "--reruns-delay", "--json-report-file", "--report-log", "--log-file"}
    | {"--alluredir", "-r", "--verbosity", "--show-capture", "--code-highlight", "--max-worker-restart", "--tx"}
)
_VALUED = frozenset({"-k", "-m", "-c", "-p", "-o", "-W", "--rootdir", "--confcutdir", "--ignore", "--ignore-glob"}) | {
    "--deselect", "--import-mode", "--basetemp", "--override-ini", "--pythonwarnings", "--timeout", "--log-level",
    "--log-cli-level", "--ds", "--asyncio-mode", "--doctest-glob", "--hypothesis-profile", "--hypothesis-seed",
}  # fmt: skip
_NARROW = (
    "--lf",
    "--last-failed",
    "--splits",
    "--group",
    "--collect-only",
    "--co",
    "--version",
    "--help",
    "--fixtures",
)
_NARROW_WORDS = ("integration", "e2e", "end2end", "smoke", "live", "benchmark", "selenium", "nightly", "gpu")
_PLUGINS = {
    "--cov": "pytest-cov",
    "--no-cov": "pytest-cov",
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
    "--nomigrations": "pytest-django",
    "--reuse-db": "pytest-django",
    "--mpl": "pytest-mpl",
    "--doctest-plus": "pytest-doctestplus",
    "--flake8": "pytest-flake8",
    "--black": "pytest-black",
    "--isort": "pytest-isort",
    "--disable-socket": "pytest-socket",
    "--allow-hosts": "pytest-socket",
    "--forked": "pytest-forked",
    "--nbval": "nbval",
    "--hypothesis-profile": "hypothesis",
    "--alluredir": "allure-pytest",
}
_SETTINGS = {
    "asyncio_mode": "pytest-asyncio",
    "asyncio_default_fixture_loop_scope": "pytest-asyncio",
    "timeout": "pytest-timeout",
    "DJANGO_SETTINGS_MODULE": "pytest-django",
    "django_find_project": "pytest-django",
    "env": "pytest-env",
    "qt_api": "pytest-qt",
    "trio_mode": "pytest-trio",
    "mocha-output": "",
}


def read(config: Config) -> tuple[dict[str, str], str]:
    """Return pytest's ini options as text and the file that holds them, in pytest's own order of search."""
    for file, section in _FILES:
        if file in config.files:
            return config.section(file, section) or {}, file
    table = config.tool("pytest")
    if table is not None:
        values = table.get("ini_options", table)
        return {key: _as_text(value) for key, value in values.items()}, "pyproject.toml"
    for file, section in _LATER_FILES:
        if (found := config.section(file, section)) is not None:
            return found, file
    return {}, "conftest.py" if "conftest.py" in config.files else ""


def _as_text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def kept(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a call without what only changes its output, its speed or its reports."""
    return tuple(word for word, dropped, _ in _walk(words) if not dropped)


def paths(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files, folders and test ids among the words of a call."""
    return tuple(word for word, dropped, is_path in _walk(words) if is_path and not dropped)


def narrow(words: tuple[str, ...]) -> bool:
    """Return whether a call is for a part of the tests, or for tests that need more than the repository."""
    if any(word.partition("=")[0] in _NARROW for word in words):
        return True
    if any(a in {"-k", "-m"} and not b.strip("( ").startswith("not ") for a, b in pairwise(words)):
        return True
    named = [word.lower() for word in words if not word.lower().startswith(("not ", "--ignore", "--deselect"))]
    return any(part in word for word in named for part in _NARROW_WORDS)


def _walk(words: tuple[str, ...]) -> Iterator[tuple[str, bool, bool]]:
    """Yield (word, whether it is to be dropped, whether it is a path) for each word."""
    valued = dropped = False
    for word in words:
        name = word.partition("=")[0]
        if valued:
            yield word, dropped, False
            valued = dropped = False
            continue
        option = word.startswith("-")
        dropped = name in _DROP_VALUED or word in _DROP or (option and word[:2] in {"-r", "-n"} and word[2:3] != "-")
        takes = (name in _DROP_VALUED or word in _VALUED) and "=" not in word and word != "--cov"
        yield word, dropped, not option
        valued = takes
        dropped = dropped and takes


def plugins(arguments: tuple[str, ...], options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the distributions of the plug-ins without which pytest stops at an unknown option or setting."""
    words = [*split(options.get("addopts") or ""), *arguments]
    wanted = [plugin for start, plugin in _PLUGINS.items() for word in words if _starts(word, start)]
    wanted += [plugin for key, plugin in _SETTINGS.items() if key in options]
    wanted += (options.get("required_plugins") or "").split()
    return tuple(dict.fromkeys(plugin for plugin in wanted if plugin))


def _starts(word: str, option: str) -> bool:
    if option == "-n":
        return word == option or (word.startswith("-n") and word[2:].isalnum())
    return word == option or word.startswith((f"{option}=", f"{option}-"))


def split(text: str) -> list[str]:
    """Return the words of a shell-like text; of one that is not well formed, those between blanks."""
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()
