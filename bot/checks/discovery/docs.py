"""Documentation builds: Sphinx and MkDocs, as configured or as the project's automation calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bot.checks.discovery.config import Config
from bot.checks.discovery.from_workflows import as_dict, yaml_values
from bot.checks.discovery.invocations import Invocation
from bot.checks.discovery.pins import Pins
from bot.model import Check

OUTPUT = "{box}/site"
"""Builds write beside the tree, never into it."""
_SPHINX = ("docs/conf.py", "docs/source/conf.py", "doc/conf.py", "doc/source/conf.py", "docs/src/conf.py")
_MKDOCS = ("mkdocs.yml", "mkdocs.yaml")
_READ_THE_DOCS = (".readthedocs.yaml", ".readthedocs.yml", "readthedocs.yml")
_GROUPS = frozenset({"docs", "doc", "documentation", "sphinx", "mkdocs"})
_STRICT = frozenset({"-W", "-n", "--keep-going", "-Wn", "-nW", "--fail-on-warning", "--nitpicky"})


def docs_checks(files: Mapping[str, str], made: tuple[Invocation, ...]) -> tuple[Check, ...]:
    """Return the checks that build the documentation."""
    config = Config(files)
    pins = Pins(config, made)
    needs = tuple(one.requirement for one in config.metadata.dependencies if _for_docs(one.group))
    return (*_sphinx(config, made, pins, needs), *_mkdocs(config, made, pins, needs))


def _for_docs(group: str) -> bool:
    return bool(_GROUPS & set(group.lower().replace("_", "-").split("-")))


def _sphinx(config: Config, made: tuple[Invocation, ...], pins: Pins, needs: tuple[str, ...]) -> Iterator[Check]:
    folder = next((path for path in [*_read_the_docs(config), *_SPHINX] if path in config.files), "")
    source = str(PurePosixPath(folder).parent)
    if not folder:
        return
    calls = [call for call in made if call.tool == "sphinx-build" and _builds(call, source)]
    strict = _STRICT & set(calls[0].arguments) if calls else set()
    # Links to other projects' documentation can't be resolved without a network: then warnings are no failure.
    if "intersphinx" in config.files[folder]:
        strict = set()
    argv = ("sphinx-build", "-b", "html", *sorted(strict), source, OUTPUT)
    wanted = tuple(dict.fromkeys((*pins.needs("sphinx"), *needs)))
    where = calls[0].found_in if calls else folder
    yield Check(name="sphinx", kind="docs", tool="sphinx", argv=argv, found_in=where, needs=wanted)


def _builds(call: Invocation, source: str) -> bool:
    """Return whether a call builds this folder; where it writes to need not be there yet."""
    words = {str(PurePosixPath(call.cwd, word)) for word in call.arguments if not word.startswith("-")}
    return source in words


def _read_the_docs(config: Config) -> Iterator[str]:
    for path in _READ_THE_DOCS:
        data = as_dict(yaml_values(config.files.get(path, "")))
        yield str(as_dict(data.get("sphinx")).get("configuration", ""))


def _mkdocs(config: Config, made: tuple[Invocation, ...], pins: Pins, needs: tuple[str, ...]) -> Iterator[Check]:
    path = next((path for path in _MKDOCS if path in config.files), "")
    if not path:
        return
    calls = [call for call in made if call.tool == "mkdocs" and call.arguments[:1] in {("build",), ("gh-deploy",)}]
    strict = ("--strict",) if any({"--strict", "-s"} & set(call.arguments) for call in calls) else ()
    theme = "material" in config.files[path].partition("theme:")[2][:200]
    wanted = (*pins.needs("mkdocs"), *needs, *(["mkdocs-material"] if theme else []))
    where = next((call.found_in for call in calls), path)
    argv = ("mkdocs", "build", *strict, "--site-dir", OUTPUT)
    unique = tuple(dict.fromkeys(wanted))
    yield Check(name="mkdocs", kind="docs", tool="mkdocs", argv=argv, found_in=where, needs=unique)
