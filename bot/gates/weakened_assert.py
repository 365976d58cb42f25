"""Refuses an assertion of existing code that is removed, made weaker, or put where its failure is not seen.

Assertions compare in a canonical form: another spelling of the same claim is no change. Assertions in product code
count too; there an `if` that raises may take their place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.gates._pairs import changed
from bot.gates._scopes import by_name, own_nodes, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each assertion that demands less than before, or nothing."""
    for pair in changed(change):
        if pair.how in {"gone", "weaker"}:
            yield Refusal(pair.file.path, pair.line, pair.told())
    for file in change.product:
        yield from _product(file)


def _product(file: FileChange) -> Iterator[Refusal]:
    after = by_name(file.new_part)
    for scope in scopes(file.old_part):
        kept = after.get(scope.name)
        if kept is None:
            continue
        left = [ast.dump(each.test) for each in own_nodes(kept.node) if isinstance(each, ast.Assert)]
        raising = _raises(own_nodes(kept.node)) - _raises(own_nodes(scope.node))
        for node in own_nodes(scope.node):
            if not isinstance(node, ast.Assert):
                continue
            if ast.dump(node.test) in left:
                left.remove(ast.dump(node.test))
            elif raising > 0:
                raising -= 1
            else:
                yield Refusal(file.path, node.lineno, f"{scope.name} no longer asserts `{ast.unparse(node.test)}`")


def _raises(nodes: Iterable[ast.AST]) -> int:
    return sum(isinstance(node, ast.Raise) for node in nodes)
