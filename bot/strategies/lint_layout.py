"""Put statements on lines of their own (E701, E702) and align continued lines with their bracket (E127, E128)."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._text import edit, indent_of

_SPLIT = frozenset({"E701", "E702", "E704", "C0321"})
_ALIGN = frozenset({"E127", "E128"})


def _parted(text: str, tree: ast.Module, lines: set[int]) -> str:
    """Return the text with every statement of these lines on its own."""
    rows = text.split("\n")
    for statement, alone in sorted(_shared(rows, tree, lines), key=lambda pair: pair[0].col_offset, reverse=True):
        row, column = rows[statement.lineno - 1], statement.col_offset
        head = row[:column].rstrip().removesuffix(";").rstrip()
        deeper = "" if alone else "    "
        rows[statement.lineno - 1] = f"{head}\n{indent_of(row)}{deeper}{row[column:].removesuffix(';')}"
    return "\n".join(rows)


def _shared(rows: list[str], tree: ast.Module, lines: set[int]) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements that stand behind something on their row, and whether their block begins on its own."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            found = getattr(node, name, None)
            block: list[ast.stmt] = found if isinstance(found, list) else []
            for one in block:
                row = rows[one.lineno - 1]
                if one.lineno in lines and row.isascii() and row[: one.col_offset].strip() and not _is_elif(row, one):
                    first = block[0]
                    yield one, not rows[first.lineno - 1][: first.col_offset].strip()


def _is_elif(row: str, node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and row[node.col_offset :].startswith("elif")


def _aligned(text: str, tree: ast.Module, lines: set[int]) -> str:
    """Return the text with these continued rows, and those within their own brackets, below their bracket."""
    rows = text.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    moved: dict[int, int] = {}
    for number in range(1, len(rows) + 1):
        around = _open_at(tokens, number)
        row = rows[number - 1]
        if around is None or not row.strip():
            continue
        line, column = around
        shift = moved.get(line, 0)
        if number in lines:
            shift += column - len(indent_of(row))
        if shift and (number in lines or line in moved):
            rows[number - 1] = " " * max(len(indent_of(row)) + shift, 0) + row.lstrip()
            moved[number] = shift
    return "\n".join(rows)


def _open_at(tokens: list[tokenize.TokenInfo], number: int) -> tuple[int, int] | None:
    """Return (row, column) of what follows the innermost bracket open where a row begins, None for none."""
    opened: list[tuple[int, int]] = []
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.start[0] >= number:
            break
        if token.type == tokenize.OP and token.string in "([{":
            opened.append(after.start)
        elif token.type == tokenize.OP and token.string in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else None


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file whose program stays the same."""
    wanted: dict[tuple[str, bool], set[int]] = {}
    for failure in diagnosis.failures:
        for path, line in places_of(failure) if failure.code in _SPLIT | _ALIGN else ():
            wanted.setdefault((path, failure.code in _SPLIT), set()).add(line)
    for (path, parts), lines in wanted.items():
        tree, text = codebase.tree(path), codebase.text(path) if path in codebase.files else ""
        if tree is None or "\r" in text or "\t" in text:
            continue
        made = (_parted if parts else _aligned)(text, tree, lines)
        if _same(tree, made):
            for one in edit(path, text, made):
                yield Proposal(
                    strategy="lint_layout",
                    title=f"Lay out {path} as its linter wants it",
                    edits=(one,),
                    confidence=0.9,
                    why="Only line ends and white space differ: Python reads the same program.",
                )


def _same(tree: ast.Module, made: str) -> bool:
    try:
        return ast.dump(ast.parse(made)) == ast.dump(tree)
    except SyntaxError:
        return False
