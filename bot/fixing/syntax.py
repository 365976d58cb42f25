"""Does a text still parse? One reader per kind of file, each as strict as the tool that reads it for real."""

from __future__ import annotations

import ast
import configparser
import json
import tomllib
import warnings
from collections.abc import Callable
from pathlib import PurePosixPath


def _python(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(text)


def _yaml(text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        list(YAML(typ="safe", pure=True).load_all(text))
    except YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from None


def _ini(text: str) -> None:
    try:
        configparser.RawConfigParser(strict=False).read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error).splitlines()[0]) from None


_READERS: dict[str, Callable[[str], object]] = {
    ".py": _python,
    ".pyi": _python,
    ".toml": tomllib.loads,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".json": json.loads,
    ".cfg": _ini,
    ".ini": _ini,
}


def problem(path: str, text: str) -> str:
    """Return why `text` does not parse as the kind of file `path` names, or an empty text when it does."""
    reader = _READERS.get(PurePosixPath(path).suffix)
    if reader is None:
        return ""
    try:
        reader(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""


def broken_by(path: str, before: str | None, after: str | None) -> str:
    """Return why an edit breaks a file; a file that did not parse before either is not held against the edit."""
    if after is None or after == before:
        return ""
    reason = problem(path, after)
    if reason and before is not None and problem(path, before):
        return ""
    return reason
