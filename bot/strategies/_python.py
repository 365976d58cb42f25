"""Which Python versions a project promises to run on, and what may be written for them."""

from __future__ import annotations

import ast

import re2

from bot.codebase import Codebase
from bot.strategies._apis import Unit, with_imports
from bot.strategies._text import Span, replace

_LOWER = re2.compile(r"(?:>=|~=|==|>)\s*(\d+)\.(\d+)")


def oldest_python(codebase: Codebase) -> tuple[int, int]:
    """Return the oldest Python that the metadata promises, (3, 8) when it promises nothing."""
    found = [(int(a), int(b)) for a, b in _LOWER.findall(codebase.metadata.requires_python)]
    return min(found, default=(3, 8))


def lazy_annotations(tree: ast.Module) -> bool:
    """Return whether annotations are never evaluated in a file."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(a.name == "annotations" for a in node.names)
        for node in tree.body
    )


def optional(annotation: str, unit: Unit, codebase: Codebase) -> tuple[str, str]:
    """Return an annotation that admits None in the style of the file, and the import that it takes ('' for none)."""
    if annotation.startswith(("Optional[", "typing.Optional[")) or annotation.endswith("| None"):
        return annotation, ""
    for name, origin in unit.origins.items():
        if origin == "typing.Optional":
            return f"{name}[{annotation.strip()}]", ""
    quoted = annotation[:1] in "\"'"
    if not quoted and (oldest_python(codebase) >= (3, 10) or lazy_annotations(unit.tree)):
        return f"{annotation} | None", ""
    return f"Optional[{annotation}]", "from typing import Optional"


def annotate(unit: Unit, changes: list[tuple[ast.AST | Span, tuple[str, str]]]) -> None:
    """Put new annotations in, each with the import it takes."""
    unit.become(replace(unit.text, [(node, text) for node, (text, _) in changes]))
    with_imports(unit, [statement for _, (_, statement) in changes if statement])
