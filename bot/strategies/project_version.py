"""Say where the project's version stands, where the metadata name none and the code does: `__version__`."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._package import package_folder
from bot.strategies._text import edit
from bot.strategies._workflows import told

_MISSING = re2.compile(
    r"(?i)`?project\.version`? (?:field )?(?:is neither set|is required)|must contain \['version'\]"
    r"|Missing `?version`?|version must be specified|either `?version`?|`version` is not"
)
_NO_FILE = re2.compile(r"[Ff]ile does not exist: ([\w./-]+)")
_NAME = re2.compile(r"^name\s*=")
_DYNAMIC = re2.compile(r"^dynamic\s*=\s*\[")


def _declared(codebase: Codebase) -> tuple[str, str] | None:
    """Return path and dotted module of the one file of the package that assigns a text to `__version__`."""
    folder = package_folder(codebase)
    found = [
        path for path in codebase.python_files if folder and path.startswith(f"{folder}/") and _assigns(codebase, path)
    ]
    if len(found) != 1:
        return None
    module = found[0].removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return found[0], module


def _assigns(codebase: Codebase, path: str) -> bool:
    tree = codebase.tree(path)
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__version__" for target in node.targets)
        and isinstance(node.value, ast.Constant)
        for node in (tree.body if tree else ())
    )


def _table(text: str, path: str, module: str) -> str:
    """Return the backend's own table that reads the version from the code, '' when the backend needs none."""
    if "hatchling" in text:
        return f'\n[tool.hatch.version]\npath = "{path}"\n'
    if "setuptools" in text:
        return f'\n[tool.setuptools.dynamic]\nversion = {{ attr = "{module}.__version__" }}\n'
    return ""


def _elsewhere(said: str, text: str, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the proposal to read the version from the file that has it, where the one that is named does not exist."""
    place = _declared(codebase)
    for name in dict.fromkeys(_NO_FILE.findall(said)) if place else ():
        made = (
            text.replace(f'path = "{name}"', f'path = "{place[0]}"') if place and name not in codebase.files else text
        )
        if place and made != text and "[tool.hatch.version]" in text:
            yield Proposal(
                strategy="project_version",
                title=f"Take the version from {place[0]}",
                edits=edit("pyproject.toml", text, made),
                confidence=0.87,
                why=f"there is no {name}; {place[0]} is the only file that assigns __version__.",
            )


@strategy(causes=("packaging",), trust="glance", prior=0.86)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a build misses the version, the metadata have none and exactly one module does."""
    text = codebase.files.get("pyproject.toml", "")
    said = told(diagnosis, codebase)
    yield from _elsewhere(said, text, codebase)
    place = _declared(codebase) if _MISSING.search(said) else None
    backend = next((one for one in ("setuptools", "hatchling", "flit_core") if one in text), "")
    lines = split_lines(text)
    at = next((n for n, line in enumerate(lines) if _NAME.match(line) and "[project]" in "".join(lines[:n])), -1)
    taken = any(table in text for table in ("[tool.setuptools.dynamic]", "[tool.hatch.version]"))
    if place is None or not backend or at < 0 or taken or any(line.startswith("version") for line in lines):
        return
    listed = next((n for n, line in enumerate(lines) if _DYNAMIC.match(line)), -1)
    if listed >= 0:
        lines[listed] = lines[listed].replace("[", '["version", ', 1).replace(", ]", "]")
    else:
        lines.insert(at + 1, 'dynamic = ["version"]\n')
    made = "".join(lines).rstrip("\n") + "\n" + _table(text, *place)
    yield Proposal(
        strategy="project_version",
        title=f"Take the version from {place[1]}",
        edits=edit("pyproject.toml", text, made),
        confidence=0.87,
        why=f"a build needs a version; {place[0]} has it, so that it is said in one place only.",
    )
