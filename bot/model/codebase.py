"""What is known of a repository, as values: the prepared tree, its checks, and the request that asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.base import Value
from bot.model.telemetry import Intake

CheckKind = Literal["test", "lint", "format", "type", "docs"]


class Check(Value):
    """One command that must succeed for the project to be healthy, and where it was found.

    `argv[0]` is `python` or a tool's name, `runner` is set for test commands, `needs` are requirements it takes,
    `env` are variables that the command sets for itself.
    """

    name: str
    kind: CheckKind
    tool: str
    argv: tuple[str, ...]
    cwd: str = "."
    found_in: str = ""
    runner: Literal["pytest", "unittest", ""] = ""
    needs: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)


class Cure(Value):
    """A place where an edit, tried out, made the failing tests pass and no other test fail.

    `cost` is minus the logarithm of how likely such an edit is a priori.
    """

    tests: tuple[str, ...]
    file: str
    line: int
    cost: float


class CodebaseInfo(Value):
    """A prepared repository: folders on this machine and facts about them; `Codebase` reads it lazily."""

    repository: str
    checkout: str
    tree: str
    digest: str
    good: str = ""
    good_tree: str = ""
    environment: str = ""
    environment_how: str = ""
    python: str = ""
    packages: dict[str, str] = Field(default_factory=dict)
    withdrawn: dict[str, str] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    spectrum: str = ""
    outcomes: dict[str, str] = Field(default_factory=dict)
    repeats: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    cures: tuple[Cure, ...] = ()
    sequences: str = "sequences/"
    index: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the packages that the checks need, each once, in the order of the checks."""
        return tuple(dict.fromkeys(need for check in self.checks for need in check.needs))


class Request(Value):
    """What starts any sequence: its own id, the record it works on, and the bounds that hold."""

    request_id: str
    record_id: str = ""
    subject: str = ""
    repository: str = ""
    checkout: str = ""
    good: str = ""
    seed: int = 0
    deadline: float = 0.0
    intake: Intake | None = None
