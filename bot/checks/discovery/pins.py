"""Which version of a tool a project uses: what its metadata, its pre-commit revisions and its sessions pin."""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.discovery.config import Config
from bot.checks.discovery.installs import installs
from bot.checks.discovery.invocations import Invocation
from bot.codebase.metadata import canonical, name_of

_PLUGINS = {
    "flake8": ("flake8-", "pep8-naming", "dlint", "wemake-python-styleguide"),
    "pylint": ("pylint-",),
    "mypy": ("types-", "mypy-", "django-stubs", "djangorestframework-stubs", "pandas-stubs", "sqlalchemy-stubs"),
    "pytest": ("pytest-",),
    "mkdocs": ("mkdocs", "mkdocstrings"),
    "sphinx": ("sphinx",),
}


class Pins:
    """The requirements for tools, read once for a project."""

    def __init__(self, config: Config, made: tuple[Invocation, ...]) -> None:
        """Take the metadata of `config` and the versions that calls name."""
        self._config = config
        self._installed = {name_of(text): text for text in installs(config.files, made)}
        self._versions = {canonical(call.tool): call.version for call in reversed(made) if call.version}

    def requirements(self, distribution: str, call: Invocation | None = None) -> tuple[str, ...]:
        """Return the requirements for a tool: the version that its call or the metadata pins, else the bare name."""
        if call and call.version:
            return (f"{distribution}=={call.version}",)
        declared = self._config.requirements(distribution)
        name = canonical(distribution)
        if name in self._versions and not any("==" in text for text in declared):
            return (f"{distribution}=={self._versions[name]}",)
        return declared or (self._installed.get(name, distribution),)

    def needs(self, distribution: str, call: Invocation | None = None) -> tuple[str, ...]:
        """Return all that a tool takes: itself, what its call adds, and the plug-ins that the project declares."""
        own = [*self.requirements(distribution, call), *(call.needs if call else ())]
        return tuple(dict.fromkeys([*own, *self._plugins(distribution)]))

    def _plugins(self, distribution: str) -> Iterator[str]:
        starts = _PLUGINS.get(distribution, ())
        for one in self._config.metadata.dependencies:
            if starts and one.name.startswith(starts) and one.name != distribution:
                yield one.requirement
