"""Slips that keep Python from reading a file, and the small edits that could mend each; the parser is the judge."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.strategies._text import indent_of

_BLOCK = re2.compile(r"^\s*(?:async\s+)?(?:if|elif|else|for|while|def|class|try|except|finally|with|match|case)\b")
_PRINT = re2.compile(r"^(\s*)print\s+(\S.*?)\s*$")
_EXCEPT = re2.compile(r"^(\s*except\s+[\w.]+|\s*except\s*\([^)]*\))\s*,\s*(\w+)\s*:")
_RAISE = re2.compile(r"^(\s*raise\s+[\w.]+)\s*,\s*(.+?)\s*$")
_CONDITION = re2.compile(r"^(\s*(?:if|elif|while)\b[^=<>!:]*[^=<>!: ])\s*=\s*([^=].*)$")
_ELSE_IF = re2.compile(r"^(\s*)else\s+if\b")
_NOT = re2.compile(r"!\s*([A-Za-z_(])")
_STRANGE = {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "\u00a0": " ",
    "\u200b": "",
    "–": "-",
    "，": ",",
    "；": ";",
    "：": ":",
}
_FOREIGN = (("=>", ">="), ("=<", "<="), ("<>", "!="), ("&&", " and "), ("||", " or "), ("===", "=="), ("!==", "!="))
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _code(line: str) -> tuple[str, str]:
    """Return a line's code and its comment; a `#` behind a quote counts as code."""
    at = line.find("#")
    if at < 0 or line[:at].count('"') % 2 or line[:at].count("'") % 2:
        return line, ""
    return line[:at], line[at:]


def _ends(line: str, mark: str) -> Iterator[str]:
    """Yield the line with `mark` at its end, and in front of what usually closes a statement."""
    code, comment = _code(line)
    bare = code.rstrip()
    tail = code[len(bare) :] if comment else ""
    for closing in ("", ":", ")", "):", ",", "),", ")),"):
        if bare.endswith(closing):
            yield bare[: len(bare) - len(closing)] + mark + closing + tail + comment


def _foreign(line: str) -> Iterator[str]:
    """Yield the line as Python would have it where it speaks another language, or another Python."""
    for old, new in _FOREIGN:
        if old in line:
            yield line.replace(old, new).replace("  and ", " and ").replace("  or ", " or ").replace("and  ", "and ")
    yield str(_ELSE_IF.sub(r"\1elif", line))
    yield str(_NOT.sub(r"not \1", line))
    yield str(_PRINT.sub(r"\1print(\2)", line))
    yield str(_EXCEPT.sub(r"\1 as \2:", line))
    yield str(_RAISE.sub(r"\1(\2)", line))
    yield str(_CONDITION.sub(r"\1 == \2", line))
    yield "".join(_STRANGE.get(character, character) for character in line)


def _quotes(line: str) -> Iterator[str]:
    """Yield the line with a string closed, or with the quotes inside an f-string told apart from those around it."""
    for quote in ('"', "'"):
        if line.count(quote) % 2:
            yield from _ends(line, quote)
            stops = [i for i, character in enumerate(line) if character in ",)]}:" and i > line.index(quote)]
            yield from (line[:at] + quote + line[at:] for at in stops)
    for quote, other in (('"', "'"), ("'", '"')):
        start = max(line.find(f"f{quote}"), line.find(f"F{quote}"))
        if start >= 0 and line.count(quote) > 2 and "{" in line:
            first, last = line.index(quote, start), line.rindex(quote)
            yield line[: first + 1] + line[first + 1 : last].replace(quote, other) + line[last:]


def _commas(line: str, column: int) -> Iterator[str]:
    """Yield the line with a comma between two things that stand side by side, nearest to the error first."""
    gaps = [i for i in range(1, len(line)) if line[i] == " " and line[i - 1] not in " ,([{:=+-*/<>"]
    for at in sorted(gaps, key=lambda i: abs(i - column)):
        yield line[:at] + "," + line[at:]
    code, comment = _code(line)
    if code.strip() and not code.rstrip().endswith((",", ":", "(", "[", "{")):
        yield code.rstrip() + "," + code[len(code.rstrip()) :] + comment


def _brackets(line: str, column: int, message: str) -> Iterator[str]:
    for opening, closing in _PAIRS.items():
        if f"'{opening}'" in message or "never closed" not in message:
            yield from _ends(line, closing)
        if f"unmatched '{closing}'" in message and line[column : column + 1] == closing:
            yield line[:column] + line[column + 1 :]


def _layout(lines: list[str], at: int) -> Iterator[str]:
    """Yield the line at other indentations: those of the lines above, one step more, one step less."""
    here = lines[at].lstrip(" \t")
    above = [indent_of(line) for line in reversed(lines[:at]) if line.strip()][:30]
    for indent in dict.fromkeys([*above, *(f"{a}    " for a in above[:1])]):
        yield indent + here


def mended(lines: list[str], at: int, column: int, message: str) -> Iterator[str]:
    """Yield other forms of line `at` (from 0), without its end, the likeliest first; `column` counts from 0."""
    line = lines[at]
    if _BLOCK.search(line) and not _code(line)[0].rstrip().endswith(":"):
        yield from _ends(line, ":")
    yield from _foreign(line)
    yield from _quotes(line)
    yield from _brackets(line, column, message)
    yield from _commas(line, column)
    if "indent" in message or "outer" in message:
        yield from _layout(lines, at)
    if "\t" in line:
        yield line.expandtabs(4)
        yield line.expandtabs(8)
