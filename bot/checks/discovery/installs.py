"""What a project's automation installs by name before it runs its tools (`pip install pytest hypothesis==6.1`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.checks.discovery import from_nox
from bot.checks.discovery.invocations import Invocation
from bot.codebase.metadata import name_of
from bot.codebase.needed import parsed

_NOT_FOR_TESTS = frozenset(
    {"pip", "setuptools", "wheel", "build", "twine", "tox", "tox-gh-actions", "tox-uv", "nox", "poetry", "pipenv", "uv"}
    | {"virtualenv", "pre-commit", "codecov", "coveralls", "hatch", "pdm", "flit", "pipx", "conda", "cibuildwheel"}
)
_WITH_VALUE = frozenset(
    {"-r", "-c", "-e", "-i", "-f", "--group", "--requirement", "--constraint", "--editable", "--index-url"}
)


def installs(files: Mapping[str, str], made: tuple[Invocation, ...]) -> tuple[str, ...]:
    """Return the requirements, as written, that workflows and sessions install by name; packaging tools left out."""
    words = [word for call in made for word in _pip_words(call)] + list(from_nox.installs(files))
    return tuple(dict.fromkeys(word for word in words if parsed(word) and name_of(word) not in _NOT_FOR_TESTS))


def _pip_words(call: Invocation) -> Iterator[str]:
    if call.tool not in {"pip", "pip3"} or call.arguments[:1] != ("install",):
        return
    skip = False
    for word in call.arguments[1:]:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif not word.startswith(("-", ".", "/")) and not word.endswith((".whl", ".txt", ".gz")):
            yield word
