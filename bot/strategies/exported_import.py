"""Say that a package's `__init__.py` means to hand on what it imports (F401): in `__all__`, else by `name as name`.

Source: https://docs.astral.sh/ruff/rules/unused-import/, and "import conventions" of the typing specification.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Failure, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._text import Span, edit, replace

Change = tuple[Span | ast.AST, str]
_RUFF = frozenset({"ruff", "ruff-check", "pre-commit/ruff", "pre-commit/ruff-check"})


def _own(path: str, node: ast.ImportFrom, codebase: Codebase) -> bool:
    """Return whether an import takes from the project itself."""
    return node.level > 0 or any(
        module == node.module or module.startswith(f"{node.module}.") for module in codebase.modules
    )


def _exported(tree: ast.Module) -> ast.List | ast.Tuple | None:
    """Return the names of `__all__` where they are written down plainly, and are not none."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = getattr(node, "value", None)
            return value if isinstance(value, ast.List | ast.Tuple) and value.elts else None
    return None


def _unused(path: str, lines: dict[int, str], tree: ast.Module, codebase: Codebase) -> Iterator[ast.alias]:
    """Yield the names of the project's own that the findings call unused."""
    for node in (n for n in tree.body if isinstance(n, ast.ImportFrom) and _own(path, n, codebase)):
        for name in node.names:
            told = " ".join(said for line, said in lines.items() if node.lineno <= line <= (node.end_lineno or line))
            quoted = told.replace("`", "'")
            if name.asname is None and any(f"{lead}{name.name}'" in quoted for lead in (".", "'")):
                yield name


def _changes(tool_is_ruff: bool, tree: ast.Module, names: list[ast.alias]) -> list[Change]:
    listed = _exported(tree)
    if listed is not None:
        last = listed.elts[-1]
        line, column = last.end_lineno or 0, last.end_col_offset or 0
        return [(Span(line, column, line, column), "".join(f', "{name.name}"' for name in names))]
    return [(name, f"{name.name} as {name.name}") for name in names] if tool_is_ruff else []


@strategy(causes=("lint", "unused-import", "pre-commit"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each `__init__.py` with imports of the project's own that are called unused."""
    told: dict[str, dict[int, str]] = {}
    failures: list[Failure] = [f for f in diagnosis.failures if f.code == "F401"]
    for failure in failures:
        for path, line in places_of(failure):
            if path.rpartition("/")[2] == "__init__.py":
                lines = told.setdefault(path, {})
                lines[line] = f"{lines.get(line, '')} {failure.message} {failure.root_line}"
    for path, lines in told.items():
        tree, text = codebase.tree(path), codebase.text(path) if path in codebase.files else ""
        names = list(_unused(path, lines, tree, codebase)) if tree else []
        changes = _changes(any(f.tool in _RUFF for f in failures), tree, names) if tree and names else []
        edits = edit(path, text, replace(text, changes))
        if edits:
            yield Proposal(
                strategy="exported_import",
                title=f"Say what {path} hands on",
                edits=edits,
                confidence=0.85,
                why="A package's own names, imported into its `__init__.py`, are there for others to import.",
            )
