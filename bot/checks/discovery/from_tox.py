"""Commands of tox environments, from tox.ini, setup.cfg, tox.toml or pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from bot.checks.discovery.config import Config, toml_values
from bot.checks.discovery.shell import UNKNOWN, Command, commands
from bot.codebase.metadata.lines import ini_lines

RANK = 2
_FACTOR = re2.compile(r"^[A-Za-z0-9_{},.!-]+:\s+")
_POSITIONAL = re2.compile(r"\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}|\[\]")
_FROM_ENV = re2.compile(r"\{env:[A-Za-z0-9_]+:((?:[^{}]|\{[^{}]*\})*)\}")
_REFERENCE = re2.compile(r"\{\[([^\]]+)\]([A-Za-z0-9_.-]+)\}")
_OTHER = re2.compile(r"\{[^{}]*\}")
_FIXED = {
    "{toxinidir}": ".",
    "{tox_root}": ".",
    "{envpython}": "python",
    "{env_python}": "python",
    "{envbindir}/": "",
    "{env_bin_dir}/": "",
    "{/}": "/",
    "{:}": ":",
}
_NOT_PASSED = ("PIP_", "COV", "TOX", "FORCE_COLOR", "PY_COLORS", "VIRTUALENV", "UV_")


def read(files: Mapping[str, str]) -> Iterator[Command]:
    """Yield the commands of all tox environments; those marked with `-` (may fail) or `!` (must fail) are left out."""
    config = Config(files)
    for path, text in _ini_texts(config):
        yield from _ini(path, text)
    for path, table in (("tox.toml", toml_values(files.get("tox.toml", ""))), ("pyproject.toml", config.tool("tox"))):
        yield from _native(path, table or {})


def _ini_texts(config: Config) -> Iterator[tuple[str, str]]:
    yield from ((path, config.files[path]) for path in ("tox.ini",) if path in config.files)
    if "setup.cfg" in config.files:
        yield "setup.cfg", config.files["setup.cfg"]
    legacy = (config.tool("tox") or {}).get("legacy_tox_ini")
    if isinstance(legacy, str):
        yield "pyproject.toml", legacy


def _ini(path: str, text: str) -> Iterator[Command]:
    values: dict[tuple[str, str], list[str]] = {}
    for section, key, value, _ in ini_lines(text):
        values.setdefault((section, key), []).append(value)
    for (section, key), lines in values.items():
        if section.startswith("testenv") and key in {"commands", "commands_pre"}:
            env = dict(_variables(values, section))
            folder = "\n".join(values.get((section, "changedir"), values.get((section, "change_dir"), ["."])))
            resolved = _resolved("\n".join(lines), values)
            yield from _commands(path, resolved, env, _plain(folder) or ".")


def _resolved(text: str, values: Mapping[tuple[str, str], list[str]]) -> str:
    """Replace references to other sections by their lines, three deep."""

    def value(found: re2._Match) -> str:
        return "\n".join(values.get((found.group(1), found.group(2)), ["\x00"]))

    for _ in range(3):
        text = str(_REFERENCE.sub(value, text))
    return text


def _variables(values: Mapping[tuple[str, str], list[str]], section: str) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(("testenv", section)):
        for key in ("setenv", "set_env"):
            for line in values.get((name, key), ()):
                variable, equals, value = _FACTOR.sub("", line).partition("=")
                filled = _plain(value.strip())
                if equals and UNKNOWN not in filled and not variable.strip().startswith(_NOT_PASSED):
                    yield variable.strip(), filled


def _plain(text: str) -> str:
    """Return text with tox's substitutions made; UNKNOWN stands for those that only tox can make."""
    for name, value in _FIXED.items():
        text = text.replace(name, value)
    text = str(_POSITIONAL.sub(lambda found: found.group(1) or "", text))
    text = str(_FROM_ENV.sub(lambda found: found.group(1) or "", text))
    return str(_OTHER.sub(UNKNOWN, text))


def _commands(path: str, text: str, env: dict[str, str], cwd: str) -> Iterator[Command]:
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        plain = str(_FACTOR.sub("", _plain(line.strip())))
        if not plain.startswith(("-", "!")):
            for one in commands(plain, path, rank=RANK, cwd=cwd.removeprefix("./")):
                yield Command(one.words, env | one.env, one.cwd, path, RANK)


def _native(path: str, table: Mapping[str, Any]) -> Iterator[Command]:
    """Yield the commands of tox 4's own TOML form: lists of words."""
    environments = table.get("env", {})
    tables = [table.get("env_run_base"), *(environments.values() if isinstance(environments, dict) else ())]
    for one in tables:
        if not isinstance(one, dict):
            continue
        set_env = one.get("set_env")
        env = {key: str(value) for key, value in (set_env if isinstance(set_env, dict) else {}).items()}
        for words in one.get("commands") or ():
            if isinstance(words, list) and words:
                plain = [_plain(word) for word in words if isinstance(word, str)]
                yield Command(tuple(word for word in plain if word), env, ".", path, RANK)
