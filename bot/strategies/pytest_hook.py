"""Give pytest's hooks the parameters they have now: `collection_path`, a `Path`, for `path`, and so on.

Source: https://docs.pytest.org/en/stable/deprecations.html, "py.path.local arguments for hooks replaced".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import Span, attribute_span, edit, replace
from bot.strategies._workflows import told

_PARAMETERS = {
    "pytest_ignore_collect": ("path", "collection_path"), "pytest_collect_file": ("path", "file_path"),
    "pytest_pycollect_makemodule": ("path", "module_path"), "pytest_report_header": ("startdir", "start_path"),
    "pytest_report_collectionfinish": ("startdir", "start_path"),
}  # fmt: skip
# of py.path.local -> of pathlib.Path; https://py.readthedocs.io/en/latest/path.html
_ATTRIBUTES = {"basename": "name", "purebasename": "stem", "ext": "suffix"}
_SAME = frozenset({"name", "stem", "suffix", "exists"})
Change = tuple[Span | ast.AST, str]


def _ported(node: ast.FunctionDef) -> list[Change] | None:
    """Return the changes to one hook, None when its path is used in a way that a `Path` does not have."""
    old, new = _PARAMETERS[node.name]
    names = {argument.arg: argument for argument in node.args.args}
    if old not in names or new in names:
        return None
    made: list[Change] = [(names[old], new)]
    parents = {id(child): parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
    for used in (n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == old):
        around = parents.get(id(used))
        if isinstance(around, ast.Attribute) and around.attr == "strpath":
            made.append((around, f"str({new})"))
            continue
        if isinstance(around, ast.Attribute) and around.attr not in _SAME | _ATTRIBUTES.keys():
            return None
        made.append((used, new))
        if isinstance(around, ast.Attribute) and around.attr in _ATTRIBUTES:
            made.append((attribute_span(around), _ATTRIBUTES[around.attr]))
    return made


@strategy(causes=("crash", "error", "test-failure", "removed-api"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all hooks of the project when pytest refuses the parameters of one."""
    said = told(diagnosis, codebase)
    if not any(hook in said for hook in _PARAMETERS):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        tree, text = codebase.tree(path), codebase.text(path)
        hooks = [n for n in (tree.body if tree else ()) if isinstance(n, ast.FunctionDef) and n.name in _PARAMETERS]
        changes = [change for hook in hooks for change in _ported(hook) or ()]
        edits += edit(path, text, replace(text, changes))
    if edits:
        yield Proposal(
            strategy="pytest_hook",
            title="Port the parameters of pytest's hooks",
            edits=tuple(edits),
            confidence=0.9,
            why="pytest 9 hands these hooks a `pathlib.Path` under another name, and refuses the old one.",
        )
