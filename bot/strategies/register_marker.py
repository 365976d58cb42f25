"""Register a pytest marker that tests use and the configuration does not list."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit, indent_of
from bot.strategies._workflows import told

_UNKNOWN = re2.compile(r"'(\w+)' not found in `markers` configuration option|Unknown pytest\.mark\.(\w+)")
_ARRAY = re2.compile(r"^markers\s*=\s*\[(.*)$")
_INI = re2.compile(r"^markers\s*=\s*(.*)$")
# marks of pytest and of its usual plugins: a single use of a name that near is taken for one of them, misspelt
_MARKS = frozenset(
    "parametrize skip skipif xfail usefixtures filterwarnings asyncio anyio django_db timeout flaky benchmark order"
    " slow integration unit smoke network".split()
)
_SECTIONS = {
    "pytest.ini": "[pytest]", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]",
    "pyproject.toml": "[tool.pytest.ini_options]",
}  # fmt: skip


def _with_marker(text: str, name: str, *, toml: bool, section: str) -> str:
    """Return the configuration with one marker more: in its list, or in a new one at the head of its section."""
    lines = split_lines(text)
    start = next(i for i, line in enumerate(lines) if line.strip() == section)
    for at in range(start + 1, len(lines)):
        line = lines[at].rstrip("\r\n")
        if line.startswith("["):
            break
        found = (_ARRAY if toml else _INI).search(line)
        if not found:
            continue
        if toml and found.group(1).strip().endswith("]"):
            lines[at] = line[: line.index("[") + 1] + f'"{name}", ' + line[line.index("[") + 1 :].lstrip() + "\n"
        else:
            indent = indent_of(lines[at + 1]) if at + 1 < len(lines) and lines[at + 1][:1].isspace() else "    "
            entry = f'{indent}"{name}",\n' if toml else f"{indent}{name}\n"
            lines.insert(at + 1, entry)
        return "".join(lines)
    lines.insert(start + 1, f'markers = ["{name}"]\n' if toml else f"markers =\n    {name}\n")
    return "".join(lines)


def _configured(name: str, codebase: Codebase) -> FileEdit | None:
    for path, section in _SECTIONS.items():
        text = codebase.files.get(path, "")
        if any(line.strip() == section for line in text.split("\n")):
            made = edit(path, text, _with_marker(text, name, toml=path.endswith(".toml"), section=section))
            return made[0] if made else None
    return None


@strategy(causes=("test-failure", "error", "import-error"), trust="glance", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one registration for each marker that is no slip of the pen: two tests use it, or no known one is near."""
    for groups in dict.fromkeys(_UNKNOWN.findall(told(diagnosis, codebase))):
        name = groups[0] or groups[1]
        uses = sum(codebase.text(path).count(f"mark.{name}") for path in codebase.python_files)
        known = _MARKS if uses == 1 else ()
        made = _configured(name, codebase) if uses and not nearest(name, known) else None
        if made:
            times = "a test bears" if uses == 1 else f"{uses} tests bear"
            yield Proposal(
                strategy="register_marker",
                title=f"Register the marker {name} in {made.path}",
                edits=(made,),
                confidence=0.85,
                why=f"{times} the marker `{name}`, which the configuration does not list.",
            )
