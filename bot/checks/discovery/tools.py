"""Linters, formatters, type checkers and documentation builders, and how a project's configuration names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.checks.discovery.config import Config
from bot.codebase import layout
from bot.model import Check, CheckKind


@dataclass(frozen=True)
class Tool:
    """One tool: the files, `[tool.X]` tables and ini sections that configure it, and its default arguments."""

    name: str
    kind: CheckKind
    distribution: str
    arguments: Callable[[Config], tuple[str, ...]]
    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    check: str = ""


def _ini(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((file, name) for name in names for file in ("setup.cfg", "tox.ini"))


def _everything(*arguments: str) -> Callable[[Config], tuple[str, ...]]:
    return lambda config: (*arguments, ".")


def _packages(config: Config) -> tuple[str, ...]:
    """Return the folders and modules that hold the project's own code, `.` when none stands out."""
    paths = [path for path in config.files if path.endswith(".py") and not layout.is_test_path(path)]
    if any(path.startswith("src/") for path in paths):
        return ("src",)
    tops = {
        path.partition("/")[0] for path in paths if path.count("/") and f"{path.partition('/')[0]}/__init__.py" in paths
    }
    return tuple(sorted(tops)) or (".",)


def _mypy(config: Config) -> tuple[str, ...]:
    """Configured targets stand alone; otherwise mypy has to be told what to look at."""
    own = config.tool("mypy") or config.section("mypy.ini", "mypy") or config.section(".mypy.ini", "mypy")
    own = own or config.section("setup.cfg", "mypy") or {}
    return () if {"files", "packages", "modules"} & set(own) else _packages(config)


def _mkdocs(config: Config) -> tuple[str, ...]:
    return ("build", "--site-dir", "{box}/site")


def _no_arguments(config: Config) -> tuple[str, ...]:
    return ()


TOOLS: tuple[Tool, ...] = (
    Tool("ruff", "lint", "ruff", _everything("check"), ("ruff.toml", ".ruff.toml"), ("ruff",)),
    Tool("flake8", "lint", "flake8", _everything(), (".flake8",), ("flake8",), _ini("flake8")),
    Tool("pylint", "lint", "pylint", _packages, (".pylintrc", "pylintrc"), ("pylint",), _ini("pylint", "MASTER")),
    Tool("pycodestyle", "lint", "pycodestyle", _everything(), (), (), _ini("pycodestyle")),
    Tool("pydocstyle", "lint", "pydocstyle", _packages, (".pydocstyle",), ("pydocstyle",), _ini("pydocstyle")),
    Tool("codespell", "lint", "codespell", _no_arguments, (".codespellrc",), ("codespell",), _ini("codespell")),
    Tool("black", "format", "black", _everything("--check"), (), ("black",)),
    Tool("isort", "format", "isort", _everything("--check-only"), (".isort.cfg",), ("isort",), _ini("isort")),
    Tool("mypy", "type", "mypy", _mypy, ("mypy.ini", ".mypy.ini"), ("mypy",), (("setup.cfg", "mypy"),)),
    Tool("pyright", "type", "pyright", _no_arguments, ("pyrightconfig.json",), ("pyright",)),
    Tool("mkdocs", "docs", "mkdocs", _mkdocs, ("mkdocs.yml", "mkdocs.yaml")),
)


def tool_checks(files: Mapping[str, str]) -> tuple[Check, ...]:
    """Return one check for each tool that the project configures."""
    config = Config(files)
    return tuple(_check(config, tool, where) for tool in TOOLS if (where := _configured(config, tool)))


def _configured(config: Config, tool: Tool) -> str:
    """Return the file that configures a tool, or an empty text."""
    return next(_places(config, tool), "")


def _places(config: Config, tool: Tool) -> Iterator[str]:
    yield from (file for file in tool.files if file in config.files)
    yield from ("pyproject.toml" for table in tool.tables if config.tool(table) is not None)
    yield from (file for file, section in tool.sections if config.section(file, section) is not None)


def _check(config: Config, tool: Tool, where: str) -> Check:
    return Check(
        name=tool.name,
        kind=tool.kind,
        tool=tool.name,
        argv=(tool.name, *tool.arguments(config)),
        found_in=where,
        needs=(config.requirement(tool.distribution),),
    )
