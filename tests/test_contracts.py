"""The house rules, held by looking at the code itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
FILES = sorted(path for path in BOT.rglob("*.py") if "data" not in path.parts)
MAX_LINES, MAX_FUNCTION = 400, 50

# A room may import from its own level and from those before it.
LEVELS = [
    {"errors", "model"},
    {
        "ports",
        "registry",
        "policy",
        "policy_text",
        "settings",
        "redact",
        "learning",
        "messages",
        "remarks",
        "markdown",
        "globs",
        "codeowners",
        "commands_text",
        "notes",
        "diary",
        "recorder",
        "scratch",
        "cleaning",
    },
    {"codebase", "search", "logs", "telemetry", "checks", "proof", "causes", "fixing", "views"},
    {"parsers", "detectors", "strategies", "rules", "gates"},
    {"stages"},
    {
        "conductor",
        "chain",
        "codec",
        "explaining",
        "configuring",
        "healed",
        "healing",
        "viewing",
        "documenting",
        "report",
        "adapters",
        "web",
    },
    {"app", "services", "serve"},
    {"cli", "commands", "reference", "__main__"},
]
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
FAMILIES = {"parsers", "detectors", "strategies", "rules", "gates"}


def room(path: Path) -> str:
    return path.relative_to(BOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.startswith("bot.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_keeps_the_house_rules(path: Path) -> None:
    problems = [*_size(path), *_docstrings(path), *_imports(path), *_regex(path)]
    assert not problems, "\n".join(problems)


def _size(path: Path) -> list[str]:
    text = path.read_text()
    problems = [f"{len(text.splitlines())} lines, at most {MAX_LINES}"] if len(text.splitlines()) > MAX_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > MAX_FUNCTION:
                problems.append(f"{node.name} has {length} lines, at most {MAX_FUNCTION}")
    return problems


def _docstrings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    problems = [] if ast.get_docstring(tree) else ["the module has no docstring"]
    for node in _public(tree):
        if not ast.get_docstring(node):
            problems.append(f"{node.name} (line {node.lineno}) has no docstring")
    return problems


def _public(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in tree.body if isinstance(node, kinds)]
    shown = [node for node in top if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    inner = [n for node in shown for n in node.body if isinstance(n, kinds) and not n.name.startswith("visit_")]
    return [node for node in [*top, *inner] if not node.name.startswith("_")]


def _imports(path: Path) -> list[str]:
    own = room(path)
    if own == "__init__":
        return []
    problems = []
    for name in imported(path) - {"bot.__version__"}:
        other = name.split(".")[1]
        if other not in LEVEL or own not in LEVEL:
            problems.append(f"{other if other not in LEVEL else own} has no level: add it to LEVELS")
        elif LEVEL[other] > LEVEL[own]:
            problems.append(f"{own} must not import {name}")
        elif {own, other} == {"stages", "adapters"} or (
            other == "adapters" and own not in ("app", "services", "serve", "adapters")
        ):
            problems.append(f"{own} must not import an adapter ({name})")
        elif own in FAMILIES and other in FAMILIES and not _helper(name):
            problems.append(f"{own} must not import a sibling ({name})")
    return problems


def _helper(name: str) -> bool:
    parts = name.split(".")
    return len(parts) < 3 or any(part.startswith("_") or part.endswith("_base") for part in parts[2:])


def _regex(path: Path) -> list[str]:
    text_rooms = {"logs", "parsers", "telemetry", "detectors", "strategies", "gates", "redact", "messages", "codebase"}
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return ["untrusted text is matched with re2, never with re"] if room(path) in text_rooms and "re" in names else []
