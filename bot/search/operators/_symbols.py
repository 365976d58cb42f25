"""How Python's operators are written, and where they stand in the text."""

from __future__ import annotations

import ast

from bot.search.site import Change, Site

COMPARE: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
ARITHMETIC: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip


def between(site: Site, operands: tuple[ast.expr, ast.expr], old: str, new: str, weight: float) -> Change | None:
    """Return the change of the operator between two operands; None where a comment is in the way."""
    start, end = site.view.end(operands[0]), site.view.start(operands[1])
    gap = site.view.text[start:end]
    at = gap.find(old)
    if at < 0 or "#" in gap:
        return None
    return site.span(start + at, start + at + len(old), new, weight)
