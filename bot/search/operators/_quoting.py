"""String literals as they are written."""

from __future__ import annotations

import ast

from bot.search.site import Site


def quote_of(site: Site, node: ast.Constant) -> str:
    """Return the quote of a plain string literal; empty for bytes, prefixed, triple-quoted and joined ones."""
    code = site.view.code(node)
    quote = code[-1:]
    plain = isinstance(node.value, str) and code[:1] == quote and code[:3] != quote * 3 and "\n" not in code
    return quote if plain and quote in "'\"" else ""


def usual_quote(site: Site) -> str:
    """Return the quote that the file uses more often."""
    text = site.view.text
    return "'" if text.count("'") > text.count('"') else '"'


def literal(value: str, quote: str) -> str:
    """Return `value` as a literal in these quotes."""
    text = repr(value)
    if text[0] == quote:
        return text
    inner = text[1:-1].replace("\\" + text[0], text[0])
    return quote + inner.replace(quote, "\\" + quote) + quote
