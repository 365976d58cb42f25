"""Refuses settings that make a check demand less: thresholds, ignored rules and paths, strictness, selections.

Configuration is parsed (TOML, INI, YAML, JSON) and compared setting by setting; comments and order do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.gates._loosening import loosened
from bot.gates._settings import Settings, is_settings, settings
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_SHADOWING = frozenset(
    {"pytest.ini", ".pytest.ini", ".coveragerc", "mypy.ini", ".mypy.ini", "ruff.toml", ".ruff.toml", ".flake8"}
    | {"pyrightconfig.json", ".pylintrc", "pylintrc", "pytest.toml"}
)
_PYTEST = frozenset({"pytest", "tool:pytest"})
_FREE = frozenset({"pythonpath", "asyncio_mode", "markers", "minversion", "django_settings_module"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each setting that was loosened, at the line that names it."""
    for file in change.files:
        if is_settings(file.path):
            yield from _judge(file)


def _judge(file: FileChange) -> Iterator[Refusal]:
    old, new = settings(file.path, file.before), settings(file.path, file.after)
    if old is None or new is None:
        return
    old = _under_new_name(file, old, new)
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            how = loosened(key, old.get(key), new.get(key))
            if how:
                yield Refusal(file.path, _line(file, key[-1]), f"{'.'.join(key)} {how}")
    if file.before is None and file.name in _SHADOWING:
        other = sorted(key[-1] for key in new if key and key[-1].lower() not in _FREE)
        if other:
            seen = f"a new {file.name} takes the place of settings elsewhere: {', '.join(other[:5])}"
            yield Refusal(file.path, 1, seen)


def _under_new_name(file: FileChange, old: Settings, new: Settings) -> Settings:
    """Return the old settings with pytest's section of setup.cfg under the name the new ones have for it.

    pytest refuses `[pytest]` there and reads `[tool:pytest]`. Only where one takes the place of the other: with both
    in a file the shorter is never read, and its settings say nothing of what the checks demand.
    """
    sections, later = {key[0] for key in old}, {key[0] for key in new}
    if file.name != "setup.cfg" or (sections & _PYTEST, later & _PYTEST) != ({"pytest"}, {"tool:pytest"}):
        return old
    return {("tool:pytest", *key[1:]) if key[0] == "pytest" else key: value for key, value in old.items()}


def _line(file: FileChange, name: str) -> int:
    lines = [*file.added, *file.removed]
    return next((line for line, text in lines if name in text), lines[0][0] if lines else 1)
