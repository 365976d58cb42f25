"""Which tool a step ran, by the commands that its lines show, and what kind of failure that tool is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.steps import Step
from bot.model import FailureClass

KINDS: dict[str, FailureClass] = {
    **dict.fromkeys(("pytest", "unittest", "nose", "nose2", "tox", "nox", "behave", "robot", "stestr"), "test-failure"),
    **dict.fromkeys(
        ("mypy", "dmypy", "pyright", "basedpyright", "pyre", "pytype", "stubtest", "ty", "pyrefly"), "type"
    ),
    **dict.fromkeys(("ruff", "flake8", "pylint", "bandit", "pre-commit", "pycodestyle", "pyflakes", "vulture"), "lint"),
    **dict.fromkeys(
        ("codespell", "typos", "yamllint", "refurb", "deptry", "lint-imports", "djlint", "sqlfluff"), "lint"
    ),
    **dict.fromkeys(("black", "ruff-format", "isort", "yapf", "autopep8", "docformatter", "pyproject-fmt"), "format"),
    **dict.fromkeys(("sphinx", "sphinx-build", "mkdocs", "pydocstyle", "interrogate", "jupyter-book", "pdoc"), "docs"),
    **dict.fromkeys(("build", "twine", "check-manifest", "flit", "cibuildwheel", "maturin", "pyroma"), "packaging"),
    "coverage": "coverage",
}
RUNS = frozenset(("tox", "nox", "build", "coverage"))  # say too little on a line that may hold any of their tasks
SHOWN = rx(r"^(?:nox > |[\w.-]+: commands\[\d+\](?:>| \|) |\+{1,2} |\$ )(?P<command>\S.*)$")
WORD = rx(r"^(?:\S*/)?(?P<name>[a-z][\w-]*)$")
NEAR = 2_000  # lines above a failure in which its command may be shown


def kind_at(log: Log, steps: Sequence[Step], index: int) -> tuple[str, FailureClass] | None:
    """Return (tool, class) of the one known tool that ran last before a line of a step; None where none is known."""
    step = next((one for one in steps if one.holds(index)), None)
    if step is None or step.exit_code in (126, 127):
        return None
    shown = [hit["command"] for hit in log.find(SHOWN, max(step.start, index - NEAR), index)]
    for command in (*reversed(shown), step.command, step.name):
        tools = sorted(set(_tools(command)))
        if len(tools) == 1:
            return tools[0], KINDS[tools[0]]
    return None


def _tools(command: str) -> Iterator[str]:
    """Yield the known tools that a command names; a formatter that is a part of a linter goes by its own name."""
    words = command.split()[:40]
    for at, word in enumerate(words):
        found = WORD.find(word)
        name = found["name"] if found else ""
        if name == "ruff" and "format" in words[at + 1 : at + 3]:
            name = "ruff-format"
        if name in KINDS and name not in RUNS and not (at and words[at - 1] in ("install", "add", "-s", "-e")):
            yield name
