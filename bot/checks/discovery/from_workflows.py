"""Commands of continuous integration: GitHub workflows, and what GitLab, Travis, Azure and CircleCI call a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot.checks.discovery.shell import UNKNOWN, Command, commands

RANK = 0
_FOLDER = ".github/workflows/"
_OTHERS = (".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", ".circleci/config.yml", "bitbucket-pipelines.yml")
_SCRIPTS = frozenset({"script", "run", "command", "bash"})
_LARGEST = 300_000
_OURS = ("GITHUB_", "RUNNER_", "PIP_", "UV_", "TOX", "NOX", "CI", "COV", "FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS")


def read(files: Mapping[str, str]) -> Iterator[Command]:
    """Yield the commands of all workflows, GitHub's first; steps whose failure is ignored are left out."""
    for path in sorted(files):
        if path.startswith(_FOLDER) and path.endswith((".yml", ".yaml")):
            yield from _github(path, yaml_values(files[path]))
    for path in _OTHERS:
        if path in files:
            yield from _scripts(path, yaml_values(files[path]), depth=0)


@lru_cache(maxsize=64)
def yaml_values(text: str) -> Any:
    """Return YAML text as plain values, None when it is broken or too large to be configuration."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(text) > _LARGEST:
        return None
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError, AttributeError, TypeError):
        return None


def _github(path: str, data: Any) -> Iterator[Command]:
    for job in as_dict(as_dict(data).get("jobs")).values():
        if isinstance(job, dict) and not job.get("continue-on-error") and not _elsewhere(job):
            rank = RANK + (1 if job.get("services") else 0)
            for step in job.get("steps") or ():
                if isinstance(step, dict) and not step.get("continue-on-error"):
                    yield from _step(path, step, [as_dict(data), job, step], rank)


def _elsewhere(job: dict[str, Any]) -> bool:
    """A job that only runs on another system says nothing about this one."""
    system = str(job.get("runs-on", "")).lower()
    return system.startswith(("windows", "macos"))


def _step(path: str, step: dict[str, Any], scopes: list[dict[str, Any]], rank: int) -> Iterator[Command]:
    env = {key: value for scope in scopes for key, value in _constants(scope.get("env"))}
    if isinstance(step.get("run"), str) and step.get("shell", "bash") in {"bash", "sh"}:
        for one in commands(step["run"], path, rank=rank, cwd=_folder(step, scopes)):
            yield Command(one.words, env | one.env, one.cwd, path, rank)
    elif words := _action(step):
        yield Command(words, env, ".", path, rank)


def _folder(step: dict[str, Any], scopes: list[dict[str, Any]]) -> str:
    defaults = [as_dict(as_dict(scope.get("defaults")).get("run")).get("working-directory") for scope in scopes]
    chosen = next((str(one) for one in [step.get("working-directory"), *reversed(defaults)] if one), ".")
    chosen = chosen.removeprefix("./").rstrip("/") or "."
    return "" if "$" in chosen or chosen.startswith(("/", "..")) else chosen


def _constants(env: Any) -> Iterator[tuple[str, str]]:
    for key, value in as_dict(env).items():
        if isinstance(value, str | int | float) and "${{" not in str(value) and not str(key).startswith(_OURS):
            yield str(key), str(value)


def _action(step: dict[str, Any]) -> tuple[str, ...]:
    """Return the command that a well-known action stands for, with the version it is asked for."""
    name, _, version = str(step.get("uses", "")).partition("@")
    given = {key: str(value) for key, value in as_dict(step.get("with")).items() if "${{" not in str(value)}
    if name == "psf/black":
        asked = given.get("version", version).removeprefix("v")
        return ("uvx", f"black@{asked}", *_words(given, "options", "--check"), *_words(given, "src", "."))
    if name in {"astral-sh/ruff-action", "chartboost/ruff-action"}:
        asked = given.get("version", "")
        return ("uvx", f"ruff@{asked}", *_words(given, "args", "check"), *_words(given, "src", "."))
    if name == "isort/isort-action":
        return ("isort", "--check-only", *_words(given, "sort-paths", "."))
    return ("pyright",) if name == "jakebailey/pyright-action" else ()


def _words(given: Mapping[str, str], key: str, default: str) -> list[str]:
    return given.get(key, default).split()


def _scripts(path: str, data: Any, *, depth: int) -> Iterator[Command]:
    """Yield the commands under every key that other systems use for shell text."""
    if depth > 8:
        return
    if isinstance(data, list):
        for item in data:
            yield from _scripts(path, item, depth=depth + 1)
    for key, value in data.items() if isinstance(data, dict) else ():
        lines = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if key in _SCRIPTS and lines and all(isinstance(line, str) for line in lines):
            yield from commands("\n".join(lines).replace("<<", UNKNOWN), path, rank=RANK)
        else:
            yield from _scripts(path, value, depth=depth + 1)


def as_dict(value: Any) -> dict[Any, Any]:
    """Return a mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}
