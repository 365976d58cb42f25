"""Name the package that a build should ship, where the backend can't tell it from the project's other folders."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._package import package_folder
from bot.strategies._text import edit
from bot.strategies._workflows import told


def _table(said: str, folder: str) -> str:
    name = folder.rpartition("/")[2]
    if "Unable to determine which files to ship inside the wheel" in said:
        return f'[tool.hatch.build.targets.wheel]\npackages = ["{folder}"]\n'
    if "Multiple top-level" in said:
        where = 'where = ["src"]\n' if folder.startswith("src/") else ""
        return f'[tool.setuptools.packages.find]\n{where}include = ["{name}*"]\n'
    return ""


@strategy(causes=("packaging",), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the table that names the package, when the configuration has none."""
    folder, text = package_folder(codebase), codebase.files.get("pyproject.toml", "")
    table = _table(told(diagnosis, codebase), folder) if folder and text else ""
    head = table.partition("\n")[0]
    if not table or head in text or ("[tool.setuptools]" in text and "packages" in text):
        return
    yield Proposal(
        strategy="package_discovery",
        title=f"Ship the package {folder}",
        edits=edit("pyproject.toml", text, f"{text.rstrip()}\n\n{table}"),
        confidence=0.88,
        why="the backend found several folders that could be packages, and none that bears the project's name.",
    )
