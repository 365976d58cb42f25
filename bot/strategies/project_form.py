"""Give the project's name, version and sources the form that a build takes: PEP 440, PEP 508, attributes that exist.

Sources: https://peps.python.org/pep-0440/, https://packaging.python.org/en/latest/specifications/name-normalization/
and https://python-poetry.org/docs/pyproject/#packages
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2
from packaging.version import InvalidVersion, Version

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._package import package_folder
from bot.strategies._text import edit
from bot.strategies._workflows import told

_NO_REQUIRES = re2.compile(
    r"missing (?:field|the required field) `?requires`?|`build-system` must contain|requires.* is a required"
)
_NO_LIST = re2.compile(r"expected a sequence|must be array|must be a list|must be an array")
_ONE_TEXT = re2.compile(r"^(\s*[\w-]+\s*=\s*)([\"'][^\"']*[\"'])(\s*(?:#.*)?)$")
_TABLES_OF_LISTS = frozenset({"[project.optional-dependencies]", "[dependency-groups]"})
_BACKENDS = {
    "setuptools.build_meta": "setuptools>=61", "hatchling.build": "hatchling", "poetry.core.masonry.api": "poetry-core",
    "flit_core.buildapi": "flit_core>=3.2,<4", "pdm.backend": "pdm-backend", "maturin": "maturin>=1,<2",
}  # fmt: skip
_NO_VERSION = re2.compile(r"(?i)not part of a valid version|invalid version|must be pep440|not a valid version|PEP 440")
_NO_NAME = re2.compile(
    r"(?i)`?project\.name`? must be|invalid (?:package |project )?name|Not a valid package or extra name"
)
_NO_ATTRIBUTE = re2.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_NO_MODULE = re2.compile(r"No module named '([\w.]+)'")
_NO_FOLDER = re2.compile(r"No file/folder found for package ([\w.-]+)")
_VERSION = re2.compile(r"(?m)^(\s*version\s*=\s*['\"]?)([^'\"\n]+?)(['\"]?,?\s*)$")
_ATTRIBUTE = re2.compile(r"(attr(?:\s*=\s*|:\s*)['\"]?)([\w.]+)(['\"]?)")
_NAME = re2.compile(r"(?m)^(name\s*=\s*)(['\"])([^'\"\n]+)(['\"])")
_PARTS = re2.compile(r"^v?(\d+(?:\.\d+)*)[-._ ]?([A-Za-z]*)[-._ ]?(\d*)(.*)$")
_STAGES = {
    "alpha": "a",
    "beta": "b",
    "rc": "rc",
    "pre": "rc",
    "preview": "rc",
    "candidate": "rc",
    "m": "a",
    "milestone": "a",
}
_EARLY = frozenset({"snapshot", "dev", "nightly", "develop", "wip", "unreleased"})
_DONE = frozenset({"final", "release", "ga", "stable", "latest"})
_PLACES = ("pyproject.toml", "setup.cfg", "setup.py")


def _version(text: str) -> str:
    """Return a version as PEP 440 writes it, '' when that is not clear."""
    found = _PARTS.match(text.strip())
    if not found:
        return ""
    numbers, word, count, rest = found.groups()
    word = word.lower()
    if word in _EARLY:
        return f"{numbers}.dev{count or 0}"
    if word in _DONE or (not word and not rest):
        return str(numbers)
    if word in _STAGES and not rest:
        return f"{numbers}{_STAGES[word]}{count or 0}"
    return ""


def _versions(text: str) -> str:
    def change(found: re2._Match) -> str:
        old = found.group(2)
        try:
            Version(old)
        except InvalidVersion:
            return f"{found.group(1)}{_version(old) or old}{found.group(3)}"
        return str(found.group(0))

    return str(_VERSION.sub(change, text))


def _names(text: str) -> str:
    def change(found: re2._Match) -> str:
        new = str(re2.sub(r"[^A-Za-z0-9._-]+", "-", found.group(3).strip())).strip("-._")
        return f"{found.group(1)}{found.group(2)}{new}{found.group(4)}"

    return str(_NAME.sub(change, text, 1))


def _attributes(text: str, said: str, codebase: Codebase) -> str:
    """Return the text with the attribute that a version is read from, by the name that the code has."""
    wrong = {f"{module}.{name}" for module, name in _NO_ATTRIBUTE.findall(said)}
    gone = set(_NO_MODULE.findall(said))

    def change(found: re2._Match) -> str:
        dotted = str(found.group(2))
        module, _, name = dotted.rpartition(".")
        if dotted in wrong:
            near = nearest(name, _assigned(module, codebase))
            return f"{found.group(1)}{module}.{near[0]}{found.group(3)}" if near else str(found.group(0))
        if module in gone:
            homes = [one for one in codebase.modules if name in _assigned(one, codebase)]
            home = homes[0].removeprefix("src.") if len(homes) == 1 else ""
            return f"{found.group(1)}{home}.{name}{found.group(3)}" if home else str(found.group(0))
        return str(found.group(0))

    return str(_ATTRIBUTE.sub(change, text))


def _assigned(module: str, codebase: Codebase) -> set[str]:
    path = codebase.modules.get(module) or codebase.modules.get(f"src.{module}", "")
    tree = codebase.tree(path) if path else None
    found = (target for node in (tree.body if tree else ()) if isinstance(node, ast.Assign) for target in node.targets)
    return {target.id for target in found if isinstance(target, ast.Name)}


def _packages(text: str, said: str, codebase: Codebase) -> str:
    """Return the text with the package that Poetry ships, where it can't tell it by the project's name."""
    folder = package_folder(codebase)
    if not _NO_FOLDER.search(said) or not folder or "[tool.poetry]" not in text or "\npackages" in text:
        return text
    home, _, name = folder.rpartition("/")
    source = f', from = "{home}"' if home else ""
    return text.replace("[tool.poetry]\n", f'[tool.poetry]\npackages = [{{ include = "{name}"{source} }}]\n', 1)


def _required(text: str) -> str:
    """Return the text whose build names what brings its backend, where it names none."""
    backend = re2.search(r"(?m)^build-backend\s*=\s*['\"]([\w.:]+)['\"]", text)
    needs = _BACKENDS.get(backend.group(1), "") if backend else ""
    if not needs or re2.search(r"(?m)^requires\s*=", text):
        return text
    return str(re2.sub(r"(?m)^(\[build-system\].*\n)", rf'\g<1>requires = ["{needs}"]\n', text, 1))


def _listed(text: str) -> str:
    """Return the text whose groups of requirements are lists, where one is a text."""
    table, rows = "", text.split("\n")
    for at, row in enumerate(rows):
        table = row.strip() if row.startswith("[") else table
        found = _ONE_TEXT.match(row)
        wants = table in _TABLES_OF_LISTS or (table == "[project]" and row.startswith(("dependencies", "dynamic")))
        if found and wants:
            rows[at] = f"{found.group(1)}[{found.group(2)}]{found.group(3)}"
    return "\n".join(rows)


def _changed(path: str, said: str, codebase: Codebase) -> str:
    text = codebase.files.get(path, "")
    text = _versions(text) if _NO_VERSION.search(said) else text
    if path == "pyproject.toml":
        text = _names(text) if _NO_NAME.search(said) else text
        text = _packages(text, said, codebase)
        text = _required(text) if _NO_REQUIRES.search(said) else text
        text = _listed(text) if _NO_LIST.search(said) else text
    return _attributes(text, said, codebase)


def _edits(said: str, codebase: Codebase) -> Iterator[tuple[str, str]]:
    for path in (one for one in _PLACES if one in codebase.files):
        new = _changed(path, said, codebase)
        if new != codebase.files[path]:
            yield path, new


@strategy(causes=("packaging", "import-error", "missing-dependency"), trust="review", prior=0.84)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a build refuses the name, the version or where either is read from."""
    said = told(diagnosis, codebase)
    edits = [one for path, new in _edits(said, codebase) for one in edit(path, codebase.files[path], new)]
    if edits:
        yield Proposal(
            strategy="project_form",
            title=f"Write what {edits[0].path} says of the project in the form that its build takes",
            edits=tuple(edits),
            confidence=0.85,
            why="the build takes this form only, and nothing else could be meant.",
        )
