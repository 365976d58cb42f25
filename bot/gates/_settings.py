"""The settings of checking tools in a configuration file, flattened: (section..., key) -> value."""

from __future__ import annotations

import configparser
import json
import tomllib
from pathlib import PurePosixPath
from typing import Any

Settings = dict[tuple[str, ...], Any]
_INI = (
    ".cfg",
    ".ini",
    ".flake8",
    ".coveragerc",
    ".pylintrc",
    "pylintrc",
    ".isort.cfg",
    ".pydocstyle",
    ".bandit",
    ".pep8",
)
_TOOLS_OF_TOML = frozenset({"poetry", "setuptools", "hatch", "pdm", "uv", "flit", "cibuildwheel", "commitizen"}) | {
    "setuptools_scm", "bumpversion", "semantic_release", "towncrier", "versioningit", "maturin", "scikit-build", "poe",
    "hatch-vcs", "rye", "pixi",
}  # fmt: skip
_NOT_CHECKS = (
    "metadata",
    "options",
    "bdist",
    "sdist",
    "build",
    "install",
    "develop",
    "bumpversion",
    "egg_info",
    "aliases",
)


def is_settings(path: str) -> bool:
    """Return whether a file may hold settings of checking tools."""
    name = PurePosixPath(path).name
    return name.endswith((".toml", *_INI)) or name in {
        "pyrightconfig.json",
        "codecov.yml",
        ".codecov.yml",
        "codecov.yaml",
    }


def settings(path: str, text: str | None) -> Settings | None:
    """Return the settings of checking tools in a file, None when it can't be read; other settings are left out."""
    if not text:
        return {}
    try:
        return _checks(path, _read(PurePosixPath(path).name, text))
    except (ValueError, configparser.Error, RecursionError):
        return None


def _read(name: str, text: str) -> Settings:
    if name.endswith(".toml"):
        return _flat(tomllib.loads(text))
    if name.endswith(".json"):
        return _flat(json.loads(text))
    if name.endswith((".yml", ".yaml")):
        return _flat(_yaml(text))
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {(section, key): value for section in parser.sections() for key, value in parser.items(section)}


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _flat(data: Any, at: tuple[str, ...] = ()) -> Settings:
    if isinstance(data, dict) and data:
        return {key: value for name, inner in data.items() for key, value in _flat(inner, (*at, str(name))).items()}
    if isinstance(data, list) and data and all(isinstance(each, dict) for each in data):
        return {key: value for each in data for key, value in _flat(each, (*at, _entry(each))).items()}
    return {at: data}


def _entry(data: dict[str, Any]) -> str:
    """Return what tells one table of a list from another."""
    return str(next((data[key] for key in ("module", "name", "id", "path") if key in data), "entry"))


def _checks(path: str, found: Settings) -> Settings:
    name = PurePosixPath(path).name
    if name == "pyproject.toml":
        return {key: value for key, value in found.items() if key[:1] == ("tool",) and key[1:2] and _is_tool(key[1])}
    if name == "setup.cfg":
        return {key: value for key, value in found.items() if not key[0].lower().startswith(_NOT_CHECKS)}
    return found if name not in {"Pipfile", "Cargo.toml", "poetry.toml", "uv.toml"} else {}


def _is_tool(name: str) -> bool:
    return name.lower() not in _TOOLS_OF_TOML


def entries(value: Any) -> list[str]:
    """Return a list-valued setting as its entries, whatever the file's way to write lists."""
    if isinstance(value, list | tuple | set):
        return [str(each).strip() for each in value]
    if isinstance(value, str):
        lines = [part.split(" #")[0].strip() for line in value.splitlines() for part in line.split(",")]
        return [line for line in lines if line and not line.startswith("#")]
    return [] if value is None else [str(value)]


def truth(value: Any) -> bool | None:
    """Return a yes-or-no setting, None when it is no such thing."""
    if isinstance(value, bool):
        return value
    return {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }.get(str(value).strip().lower())


def number(value: Any) -> float | None:
    """Return a numeric setting, None when it is no number; a percent sign is dropped."""
    try:
        return float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
