"""Break lines that are too long so that the program stays the same: what the parser reads is compared each time."""

from __future__ import annotations

import ast
import contextlib
import io
import textwrap
import tokenize
from collections.abc import Iterator, Mapping

from bot.strategies._text import indent_of

_DEEPEST = 4  # times that a piece of a broken line is broken again
_MOST = 60  # lines of one file
_DIRECTIVES = (
    "type:", "noqa", "pragma", "fmt:", "pylint:", "mypy:", "ruff:", "isort:", "!", "-*-", "nosec", "pyright:",
    "flake8:",
)  # fmt: skip
_NO_PROSE = (">>>", "Usage:", "usage:")
_BEFORE = frozenset({"and", "or", "for", "if", "else", "+", "-", "|"})
Token = tokenize.TokenInfo
Rows = list[str]


def shortened(text: str, limits: Mapping[int, int]) -> str:
    """Return the text with the lines of these numbers broken below their limits, where that is possible.

    `limits` maps a line's number, from 1, to the characters it may have.
    """
    rows = text.split("\n")
    for number in sorted(limits, reverse=True)[:_MOST]:
        if number <= len(rows) and len(rows[number - 1]) > limits[number]:
            rows = _fit(rows, number, limits[number], 0) or rows
    return "\n".join(rows)


def _fit(rows: Rows, number: int, limit: int, depth: int) -> Rows | None:
    """Return the rows with one of them broken until every piece fits, None when nothing does that."""
    tokens = _tokens(rows) if depth < _DEEPEST else ()
    meaning = _meaning(rows) if tokens else ""
    ways = list(_ways(rows, number, limit, tokens)) if meaning else []
    # those that need no further break come first, each group in its order
    for pieces in sorted(ways, key=lambda pieces: any(len(piece) > limit for piece in pieces)):
        made: Rows | None = [*rows[: number - 1], *pieces, *rows[number:]]
        if made is None or _meaning(made) != meaning:
            continue
        for at in reversed(range(len(pieces))):
            if made is not None and len(pieces[at]) > limit:
                made = _fit(made, number + at, limit, depth + 1)
        if made is not None:
            return made
    return None


def _tokens(rows: Rows) -> tuple[Token, ...]:
    try:
        return tuple(tokenize.generate_tokens(io.StringIO("\n".join(rows)).readline))
    except (tokenize.TokenError, SyntaxError):
        return ()


def _meaning(rows: Rows) -> str:
    """Return what the parser reads, the white space of texts that stand alone left out; '' when it reads nothing."""
    try:
        tree = ast.parse("\n".join(rows))
    except (SyntaxError, ValueError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = " ".join(node.value.value.split())
    return ast.dump(tree)


def _ways(rows: Rows, number: int, limit: int, tokens: tuple[Token, ...]) -> Iterator[Rows]:
    """Yield the ways to break one row, the plainest first."""
    row = rows[number - 1]
    around = next((token for token in tokens if _is_prose(token, number)), None)
    if around is not None:
        yield from _of_prose(row, limit, around)
        return
    own = [t for t in tokens if t.start[0] == t.end[0] == number and t.string.strip()]
    if own and own[-1].type == tokenize.COMMENT:
        yield from _of_comment(row, limit, own)
        own = own[:-1]
    inside = _depth(tokens, number) > 0
    yield from _of_string(row, limit, own, inside)
    yield from _of_import(row, own)
    value = _value(rows, number)
    if isinstance(value, ast.BoolOp | ast.BinOp | ast.Compare | ast.IfExp | ast.Constant | ast.JoinedStr):
        yield _in_brackets(row, value)
    if inside:
        yield from _of_inside(row, limit, own)
    yield from _of_brackets(row, own)
    if value is not None:
        yield _in_brackets(row, value)


def _is_prose(token: Token, number: int) -> bool:
    """Return whether a text in three quotes runs through a row."""
    quoted = token.type == tokenize.STRING and token.string.lstrip("rRbBuUfF").startswith(('"""', "'''"))
    return quoted and token.start[0] <= number <= token.end[0]


def _depth(tokens: tuple[Token, ...], number: int) -> int:
    """Return how many brackets are open where a row begins."""
    signs = [t.string for t in tokens if t.type == tokenize.OP and t.start[0] < number]
    return sum(sign in "([{" for sign in signs) - sum(sign in ")]}" for sign in signs)


def _of_prose(row: str, limit: int, token: Token) -> Iterator[Rows]:
    """Yield a line of a text that stands alone, broken at a space."""
    indent, body = indent_of(row), row.lstrip()
    if any(word in token.string for word in _NO_PROSE) or "::" in row or body.startswith((".. ", "|")):
        return
    close = token.string[-3:]
    alone = token.start[0] == token.end[0]
    if alone:
        row = row.rstrip().removesuffix(close)
    at = row.rfind(" ", len(indent) + 3, limit + 1)
    deeper = "  " if body.startswith(("- ", "* ")) else "    " if body.startswith(":") else ""
    if at > len(indent):
        rest = [indent + deeper + row[at:].strip()]
        yield [row[:at].rstrip(), *rest, *([indent + close] if alone else [])]


def _of_comment(row: str, limit: int, own: list[Token]) -> Iterator[Rows]:
    """Yield a comment on lines of its own."""
    indent, said = indent_of(row), own[-1].string.lstrip("#").strip()
    if said.lower().startswith(_DIRECTIVES) or "noqa" in said:
        return
    room = max(limit - len(indent) - 2, 20)
    parts = textwrap.wrap(said, room, break_long_words=False, break_on_hyphens=False)
    lines = [f"{indent}# {part}" for part in parts]
    if all(len(line) <= limit for line in lines):
        yield lines if len(own) == 1 else [*lines, row[: own[-1].start[1]].rstrip()]


def _of_string(row: str, limit: int, own: list[Token], inside: bool) -> Iterator[Rows]:
    """Yield a text within brackets as two that stand side by side."""
    for token in own if inside else ():
        begin, end = token.start[1], token.end[1]
        if token.type != tokenize.STRING or end <= limit - 1:
            continue
        mark = token.string[-1]
        lead = token.string[: token.string.index(mark) + 1]
        at = row.rfind(" ", begin + len(lead), limit - 1)
        while at > 0 and row[begin:at].count("{") != row[begin:at].count("}"):
            at = row.rfind(" ", begin + len(lead), at)
        if at > 0:
            yield [row[: at + 1] + mark, " " * begin + lead + row[at + 1 :]]


def _of_import(row: str, own: list[Token]) -> Iterator[Rows]:
    """Yield an import of several names with one of them on each line."""
    words = [token.string for token in own]
    if words[:1] == ["from"] and "import" in words and "(" not in words and "*" not in words:
        head, _, names = row[: own[-1].end[1]].partition(" import ")
        yield [
            f"{head} import (",
            *(f"{indent_of(row)}    {name.strip()}," for name in names.split(",")),
            f"{indent_of(row)})",
        ]


def _value(rows: Rows, number: int) -> ast.expr | None:
    """Return the last expression of a statement that stands on one row, None when there is none."""
    with contextlib.suppress(SyntaxError):
        for node in ast.walk(ast.parse("\n".join(rows))):
            if not isinstance(node, ast.stmt) or node.lineno != number:
                continue
            found = getattr(node, "msg", None) or getattr(node, "value", None) or getattr(node, "test", None)
            if isinstance(found, ast.expr) and found.lineno == found.end_lineno == number:
                return None if isinstance(node, ast.Expr) else found
    return None


def _in_brackets(row: str, value: ast.expr) -> Rows:
    data = row.encode()
    begin, end = (len(data[:column].decode()) for column in (value.col_offset, value.end_col_offset or 0))
    indent = indent_of(row)
    return [f"{row[:begin]}(", f"{indent}    {row[begin:end]}", f"{indent}){row[end:]}"]


def _of_brackets(row: str, own: list[Token]) -> Iterator[Rows]:
    """Yield what stands in the last outermost pair of brackets on lines of its own, then that of the one before."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, token in enumerate(own):
        if token.type == tokenize.OP and token.string in "([{":
            opened.append(at)
        elif token.type == tokenize.OP and token.string in ")]}" and opened:
            begin = opened.pop()
            pairs += [] if opened or at == begin + 1 else [(begin, at)]
    indent = indent_of(row)
    end = own[-1].end[1] if own else 0
    for begin, close in reversed(pairs):
        head, tail = row[: own[begin].end[1]], indent + row[own[close].start[1] : end]
        content = row[own[begin].end[1] : own[close].start[1]].strip()
        items = _items(row, own[begin + 1 : close])
        if not content.endswith(","):
            yield [head, f"{indent}    {content}", tail]
        if len(items) > 1:
            yield [head, *(f"{indent}    {item}," for item in items), tail]


def _items(row: str, tokens: list[Token]) -> list[str]:
    """Return what commas part, brackets heeded."""
    cuts = [at for at, sign in _cuts(tokens) if sign == ","]
    begins = [tokens[0].start[1], *(at + 1 for at in cuts)]
    ends = [*cuts, tokens[-1].end[1]]
    return [part for a, b in zip(begins, ends, strict=True) if (part := row[a:b].strip())]


def _cuts(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield (column, sign) of commas and of words that may begin a line, outside of the brackets among the tokens."""
    depth = 0
    for token in tokens:
        sign = token.string if token.type in {tokenize.OP, tokenize.NAME} else ""
        depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        if depth <= 0 and (sign == "," or sign in _BEFORE):
            yield token.start[1], sign


def _of_inside(row: str, limit: int, own: list[Token]) -> Iterator[Rows]:
    """Yield a row that lies within brackets, broken behind a comma or before an operator."""
    found = list(_cuts(own))
    loops = [each for each in found if each[1] in {"for", "if"}] if any(sign == "for" for _, sign in found) else []
    places = [at + 1 if sign == "," else at for at, sign in loops or found]
    first = len(indent_of(row))
    for at in sorted((place for place in places if first < place <= limit), reverse=True)[:3]:
        if row[at:].strip():
            yield [row[:at].rstrip(), indent_of(row) + row[at:].strip()]
