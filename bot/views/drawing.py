"""SVG and Mermaid in the small: shapes, escaped text, and labels from strangers that break neither."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./- ")
FONT = "font-family='ui-monospace,Menlo,Consolas,monospace' font-size='12'"
LIGHT, DARK, LINE = "#f6f8fa", "#1f2328", "#8c959f"


def label(text: str, *, most: int = 48) -> str:
    """Return text that means nothing to Mermaid, its end cut off when it is long."""
    kept = "".join(char if char in SAFE else "_" for char in text[: 4 * most])
    return (kept if len(kept) <= most else kept[: most - 1] + "_") or "_"


def shown(text: str, *, most: int = 48) -> str:
    """Return text for SVG: printable, escaped, the middle cut out when it is long."""
    line = "".join(char if char.isprintable() else " " for char in text[: 4 * most])
    half = most // 2 - 1
    return escape(line if len(line) <= most else f"{line[:half]}…{line[-half:]}", quote=True)


def text(x: float, y: float, said: str, *, anchor: str = "start", fill: str = DARK) -> str:
    """Return one line of text; `said` is escaped already."""
    return f"<text x='{x:g}' y='{y:g}' text-anchor='{anchor}' fill='{fill}' {FONT}>{said}</text>"


def rect(x: float, y: float, size: tuple[float, float], fill: str, title: str = "") -> str:
    """Return a rectangle of (width, height) with a title that shows when it is pointed at."""
    about = f"<title>{title}</title>" if title else ""
    return f"<rect x='{x:g}' y='{y:g}' width='{size[0]:g}' height='{size[1]:g}' rx='3' fill='{fill}'>{about}</rect>"


def document(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a whole SVG document with a white ground and a title for those who can't see it."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' role='img'>"
    ground = f"<rect width='{width:g}' height='{height:g}' fill='#ffffff'/>"
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *parts, "</svg>"]) + "\n"


def milliseconds(value: float) -> str:
    """Return a duration as people read it."""
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"
