"""The tools that can be a check: what configures them, how they are called, which options change nothing here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.checks.discovery.config import Config
from bot.codebase import layout
from bot.model import CheckKind

Arguments = Callable[[Config], tuple[str, ...]]


@dataclass(frozen=True)
class Tool:
    """One tool. `files`, `tables` (`[tool.X]`) and `sections` of ini files configure it.

    `check` is the option that makes a formatter only look, `drop` are options to leave out, `drop_valued` those that
    take a value, `harmless` options mean that the call gates nothing.
    """

    name: str
    kind: CheckKind
    program: str
    distribution: str
    arguments: Arguments
    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    first: str = ""
    check: str = ""
    drop: frozenset[str] = frozenset()
    drop_valued: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset(
        {"--exit-zero", "--version", "--help", "-h", "-V", "--show-config", "--verifytypes"}
    )


def everything(*arguments: str) -> Arguments:
    """Return arguments that end with the whole tree."""
    return lambda config: (*arguments, ".")


def alone(*arguments: str) -> Arguments:
    """Return arguments that are always the same."""
    return lambda config: arguments


def own_packages(config: Config) -> tuple[str, ...]:
    """Return the folders and modules that hold the project's own code, `.` when none stands out."""
    paths = [path for path in config.files if path.endswith(".py") and not layout.is_test_path(path)]
    if any(path.startswith("src/") for path in paths):
        return ("src",)
    tops = {path.partition("/")[0] for path in paths if "/" in path}
    return tuple(sorted(top for top in tops if f"{top}/__init__.py" in config.files)) or (".",)


def _mypy(config: Config) -> tuple[str, ...]:
    """Configured targets stand alone; otherwise mypy has to be told what to look at."""
    own = config.tool("mypy") or config.section("mypy.ini", "mypy") or config.section(".mypy.ini", "mypy")
    own = own or config.section("setup.cfg", "mypy") or {}
    return () if {"files", "packages", "modules"} & set(own) else own_packages(config)


def _bandit(config: Config) -> tuple[str, ...]:
    return ("-r", *own_packages(config))


def _ini(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((file, name) for name in names for file in ("setup.cfg", "tox.ini"))


_FIX = frozenset(
    {"--fix", "--no-fix", "--fix-only", "--unsafe-fixes", "--exit-non-zero-on-fix", "--diff", "-v", "--verbose", "-q"}
)
_QUIET = frozenset({"-q", "--quiet", "-v", "--verbose", "--diff", "--color", "--no-color", "-i", "--in-place", "-r"})
_REPORT = frozenset({"--output-format", "--output-file", "--format", "--junit-xml", "--html-report", "-o", "-f"})

TOOLS: tuple[Tool, ...] = (
    Tool(
        "ruff", "lint", "ruff", "ruff", everything("check"), ("ruff.toml", ".ruff.toml"), ("ruff",),
        first="check", drop=_FIX | {"--show-source", "--show-fixes", "--no-cache"}, drop_valued=_REPORT,
    ),
    Tool(
        "ruff-format", "format", "ruff", "ruff", everything("format", "--check"), (), (),
        first="format", check="--check", drop=_QUIET | {"--no-cache", "--exit-non-zero-on-format"}, drop_valued=_REPORT,
    ),
    Tool(
        "flake8", "lint", "flake8", "flake8", everything(), (".flake8",), ("flake8",), _ini("flake8"),
        drop=frozenset({"--count", "--statistics", "--show-source", "--tee", "-v", "--verbose", "-q"}),
        drop_valued=frozenset({"--output-file", "--format"}),
    ),
    Tool(
        "pylint", "lint", "pylint", "pylint", own_packages, (".pylintrc", "pylintrc"), ("pylint",),
        (("setup.cfg", "pylint"), ("tox.ini", "pylint")), drop_valued=_REPORT - {"-o"},
    ),
    Tool("pyflakes", "lint", "pyflakes", "pyflakes", everything()),
    Tool("pycodestyle", "lint", "pycodestyle", "pycodestyle", everything(), (), (), _ini("pycodestyle")),
    Tool(
        "pydocstyle", "lint", "pydocstyle", "pydocstyle", own_packages, (".pydocstyle",), ("pydocstyle",),
        _ini("pydocstyle"),
    ),
    Tool("bandit", "lint", "bandit", "bandit", _bandit, (".bandit",), drop_valued=_REPORT),
    Tool("codespell", "lint", "codespell", "codespell", alone(), (".codespellrc",), ("codespell",), _ini("codespell"),
         drop=frozenset({"-w", "--write-changes"})),
    Tool("vulture", "lint", "vulture", "vulture", alone(), (), ("vulture",)),
    Tool("interrogate", "lint", "interrogate", "interrogate", own_packages, (), ("interrogate",), _ini("interrogate")),
    Tool("doc8", "lint", "doc8", "doc8", alone(), ("doc8.ini",), ("doc8",)),
    Tool("debug-statements", "lint", "debug-statement-hook", "pre-commit-hooks", everything()),
    Tool("autoflake", "lint", "autoflake", "autoflake", everything("--check", "-r"), (), ("autoflake",),
         check="--check", drop=frozenset({"-i", "--in-place", "-c", "--check-diff"})),
    Tool("black", "format", "black", "black", everything("--check"), (), ("black",), check="--check", drop=_QUIET),
    Tool(
        "isort", "format", "isort", "isort", everything("--check-only"), (".isort.cfg",), ("isort",), _ini("isort"),
        check="--check-only", drop=_QUIET | {"-c", "--check", "-rc", "--recursive", "-y", "--apply", "--show-diff"},
    ),
    Tool("yapf", "format", "yapf", "yapf", everything("--diff", "-r"), (".style.yapf",), ("yapf",), _ini("yapf"),
         check="--diff", drop=frozenset({"-i", "--in-place", "-d", "-p", "--parallel"})),
    Tool("autopep8", "format", "autopep8", "autopep8", everything("--exit-code", "--diff", "-r"), (), ("autopep8",),
         check="--exit-code", drop=frozenset({"-i", "--in-place"})),
    Tool("docformatter", "format", "docformatter", "docformatter", everything("--check", "-r"), (), ("docformatter",),
         check="--check", drop=frozenset({"-i", "--in-place", "-c"})),
    Tool("trailing-whitespace", "format", "trailing-whitespace-fixer", "pre-commit-hooks", everything()),
    Tool("end-of-file", "format", "end-of-file-fixer", "pre-commit-hooks", everything()),
    Tool(
        "mypy", "type", "mypy", "mypy", _mypy, ("mypy.ini", ".mypy.ini"), ("mypy",), (("setup.cfg", "mypy"),),
        drop=frozenset({"--install-types", "--non-interactive", "--pretty", "--no-error-summary", "run", "--"}),
        drop_valued=frozenset({"--junit-xml", "--html-report", "--txt-report", "--cobertura-xml-report"}),
    ),
    Tool("pyright", "type", "pyright", "pyright", alone(), ("pyrightconfig.json",), ("pyright",),
         drop=frozenset({"--outputjson", "--stats"})),
    Tool("basedpyright", "type", "basedpyright", "basedpyright", alone(), (), ("basedpyright",)),
    Tool("ty", "type", "ty", "ty", alone("check"), ("ty.toml",), ("ty",), first="check"),
)  # fmt: skip
