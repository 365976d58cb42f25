"""Hooks of pre-commit that are linters, formatters or type checkers, with the versions that it pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from bot.checks.discovery.from_workflows import as_dict, yaml_values
from bot.checks.discovery.invocations import Invocation, invocation
from bot.checks.discovery.shell import commands

RANK = 4
_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
_HOOKS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ruff": ("ruff", ("check",)),
    "ruff-check": ("ruff", ("check",)),
    "ruff-format": ("ruff", ("format",)),
    "black": ("black", ()),
    "black-jupyter": ("black", ()),
    "isort": ("isort", ()),
    "flake8": ("flake8", ()),
    "mypy": ("mypy", ()),
    "pylint": ("pylint", ()),
    "pydocstyle": ("pydocstyle", ()),
    "pycodestyle": ("pycodestyle", ()),
    "codespell": ("codespell", ()),
    "bandit": ("bandit", ()),
    "yapf": ("yapf", ()),
    "autopep8": ("autopep8", ()),
    "autoflake": ("autoflake", ()),
    "docformatter": ("docformatter", ()),
    "interrogate": ("interrogate", ()),
    "vulture": ("vulture", ()),
    "pyright": ("pyright", ()),
    "basedpyright": ("basedpyright", ()),
    "trailing-whitespace": ("trailing-whitespace-fixer", ()),
    "end-of-file-fixer": ("end-of-file-fixer", ()),
    "debug-statements": ("debug-statement-hook", ()),
}
_TEXT_HOOKS = frozenset({"trailing-whitespace", "end-of-file-fixer"})
_LISTED = _TEXT_HOOKS | {"debug-statements"}
"""Hooks whose programs take files, no folders."""
_VERSION = re2.compile(r"^v?([0-9]+(?:\.[0-9]+)+[0-9A-Za-z.]*)$")
_FROZEN = re2.compile(r"(?m)rev:\s*['\"]?([0-9a-f]{40})['\"]?\s*#\s*(?:frozen:\s*)?(\S+)")
_DEFAULT_ARGUMENTS = {"mypy": ("--ignore-missing-imports", "--scripts-are-modules")}
_NO_TARGET = frozenset({"codespell", "pyright", "basedpyright", "vulture"})
_EVERYTHING = "."


def read(files: Mapping[str, str]) -> Iterator[Invocation]:
    """Yield the hooks as calls of their tools, on the files that the hook is for."""
    path = next((path for path in _FILES[:2] if path in files), "")
    data = as_dict(yaml_values(files.get(path, "")))
    for repository in data.get("repos") or ():
        rev = _version(str(as_dict(repository).get("rev", "")), files[path])
        for hook in as_dict(repository).get("hooks") or ():
            if isinstance(hook, dict) and "manual" not in (hook.get("stages") or ()):
                yield from _hook(path, hook, rev, _targets(files, data, hook))


def _hook(path: str, hook: dict[str, Any], rev: str, targets: tuple[str, ...]) -> Iterator[Invocation]:
    name = str(hook.get("id", ""))
    arguments = [str(one) for one in hook.get("args") or ()]
    needs = tuple(str(one) for one in hook.get("additional_dependencies") or ())
    if "entry" in hook and hook.get("language") in {"system", "python", "unsupported", None}:
        passed = targets if hook.get("pass_filenames", True) else ()
        for one in commands(str(hook["entry"]), path, rank=RANK):
            if found := invocation(one):
                words = (*found.arguments, *arguments, *(passed if passed != (_EVERYTHING,) else ()))
                yield Invocation(found.tool, words, found.env, ".", path, RANK, "", needs)
    elif name in _HOOKS and targets:
        tool, first = _HOOKS[name]
        given = tuple(arguments) if "args" in hook else _DEFAULT_ARGUMENTS.get(tool, ())
        aimed = () if tool in _NO_TARGET and targets == (_EVERYTHING,) else targets
        yield Invocation(tool, (*first, *given, *aimed), {}, ".", path, RANK, rev, needs)


def _version(rev: str, text: str) -> str:
    """Return the version that a revision is: the tag's, or the one noted beside a commit id; '' when it tells none."""
    noted = {found.group(1): found.group(2) for found in _FROZEN.finditer(text)}
    found = _VERSION.match(noted.get(rev, rev))
    return found.group(1) if found else ""


def _targets(files: Mapping[str, str], data: dict[str, Any], hook: dict[str, Any]) -> tuple[str, ...]:
    """Return the files a hook is for; `.` when it is for all Python files, so that the tool's own excludes hold."""
    text_hook, listed = hook.get("id") in _TEXT_HOOKS, hook.get("id") in _LISTED
    every = [path for path in files if text_hook or path.endswith((".py", ".pyi"))]
    only = [found for rules in (data, hook) if (found := _pattern(rules.get("files")))]
    never = [found for rules in (data, hook) if (found := _pattern(rules.get("exclude")))]
    kept = sorted(
        path for path in every if all(one.search(path) for one in only) and not any(one.search(path) for one in never)
    )
    return (_EVERYTHING,) if len(kept) == len(every) and not listed and kept else tuple(kept)


def _pattern(text: Any) -> re2._Regexp | None:
    """pre-commit searches with Python's patterns; one that RE2 can't read (look-around) decides nothing."""
    try:
        return re2.compile(str(text)) if text else None
    except re2.error:
        return None
