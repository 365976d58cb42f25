"""Which commands must succeed for a project to be healthy, read from its files alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bot.checks.discovery.calls import calls
from bot.checks.discovery.docs import docs_checks
from bot.checks.discovery.invocations import Invocation
from bot.checks.discovery.suites import test_checks
from bot.checks.discovery.tools import tool_checks
from bot.codebase.layout import project_folders
from bot.model import Check

__all__ = ["discover"]


def discover(files: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the project's checks: its test command, then the tools that it configures or calls itself.

    A tool that the project nowhere names is no check of it. Commands from workflows, tox, nox, make and pre-commit win
    over the default command of a tool; `needs` carry the version that the project pins. A repository without a project
    at its top gives the checks of the projects in its folders.
    """
    made = calls(files)
    folders = project_folders(files)
    if "." in folders:
        return _checks(files, made)
    return tuple(check for folder in folders for check in _member(files, made, folder, len(folders) > 1))


def _checks(files: Mapping[str, str], made: tuple[Invocation, ...]) -> tuple[Check, ...]:
    return (*test_checks(files, made), *tool_checks(files, made), *docs_checks(files, made))


def _member(files: Mapping[str, str], made: tuple[Invocation, ...], folder: str, several: bool) -> Iterator[Check]:
    """Yield the checks of the project in a folder, seen from the top."""
    inside = {path[len(folder) + 1 :]: path for path in files if path.startswith(f"{folder}/")}
    own = _Within(files, inside)
    inner = [*_moved(made, folder), *calls(own)]
    for check in _checks(own, tuple(inner)):
        where = str(PurePosixPath(folder, check.cwd))
        name = f"{folder}:{check.name}" if several else check.name
        found_in = check.found_in if check.found_in in files else f"{folder}/{check.found_in}"
        yield check.model_copy(update={"cwd": where, "name": name, "found_in": found_in})


def _moved(made: tuple[Invocation, ...], folder: str) -> Iterator[Invocation]:
    """Yield the calls that run in a folder, as seen from it."""
    for call in made:
        path = PurePosixPath(call.cwd)
        if path.is_relative_to(folder):
            cwd = str(path.relative_to(folder))
            yield Invocation(
                call.tool, call.arguments, call.env, cwd, call.found_in, call.rank, call.version, call.needs
            )


class _Within(Mapping[str, str]):
    """The files of one folder, named as seen from it."""

    def __init__(self, files: Mapping[str, str], inside: Mapping[str, str]) -> None:
        self._files = files
        self._inside = inside

    def __getitem__(self, path: str) -> str:
        return self._files[self._inside[path]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inside)

    def __len__(self) -> int:
        return len(self._inside)
