"""Examples in the prose that the code can't bear out: names that are gone, parameters that are called otherwise now."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import re2

from bot.codebase import Codebase, parse
from bot.detectors._surface import Surface, signature, unknown_keywords

_FENCE = re2.compile(r"(?ms)^[ \t]*(?:```|~~~)[`~]*[ \t]*([^\n]*)\n(.*?)^[ \t]*(?:```|~~~)")
_HEADS = (
    re2.compile(
        r"(?m)^[ \t]*\.\. (?:code-block|code|sourcecode|doctest|testcode|testsetup)::([^\n]*)\n(?:[ \t]+:[^\n]*\n)*"
    ),
    re2.compile(r"(?m)^[^\n]*::()[ \t]*\n[ \t]*\n"),
)
"""What stands above an indented example: a directive, with its options, or two colons."""
_SESSION = re2.compile(r"(?m)^[ \t]*>>>[^\n]*\n(?:[ \t]*[^ \t\n][^\n]*\n)*")
_CALLED = re2.compile(r"`([A-Za-z_]\w*\.[\w.]+\([^`\n]*\))`")
_WORD = re2.compile(r"[\w-]+")
_PYTHON = frozenset({"python", "py", "python3", "pycon", "ipython", "doctest"})
_PROMPT = re2.compile(r"(?m)^[ \t]*>>>(?: |$)")


class Wrong(NamedTuple):
    """One thing in an example that is not so: its line in the text, what it is, in words, and as Python would say."""

    line: int
    pattern: str
    what: str
    said: str
    message: str = ""


def wrong_examples(codebase: Codebase, text: str, surface: Surface) -> Iterator[Wrong]:
    """Yield what is wrong in the Python examples of a text; what a page stores under a name is never looked into."""
    blocks = [(text[:start].count("\n"), tree) for start, tree in _examples(text)]
    for before, tree in blocks:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from _imports(node, before + node.lineno, surface)
    bound = _bound([tree for _, tree in blocks], codebase)
    for before, tree in blocks:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                yield from _attribute(node, before + node.lineno, bound, surface)
            elif isinstance(node, ast.Call):
                yield from _call(node, before + node.lineno, bound, surface)
    yield from _inline(codebase, text, surface)


def _inline(codebase: Codebase, text: str, surface: Surface) -> Iterator[Wrong]:
    """Yield what is wrong in the calls that stand within a sentence, where they name a module in full."""
    own = {top: top for top in (name.partition(".")[0] for name in codebase.modules)}
    for found in _CALLED.finditer(text):
        tree = parse(found.group(1))
        for node in tree.body if tree else ():
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                yield from _call(node.value, text.count("\n", 0, found.start()) + 1, own, surface)


def _imports(node: ast.ImportFrom, line: int, surface: Surface) -> Iterator[Wrong]:
    for alias in node.names:
        module, name = str(node.module), alias.name
        if surface.lacks(module, name):
            said = f"imports {name} from {module}, which has no such name"
            yield Wrong(
                line, "example-import", f"{module}.{name}", said, f"cannot import name '{name}' from '{module}'"
            )


def _attribute(node: ast.Attribute, line: int, bound: dict[str, str], surface: Surface) -> Iterator[Wrong]:
    module = _dotted(node.value, bound)
    if module and surface.lacks(module, node.attr):
        said = f"uses {module}.{node.attr}, which is not there"
        message = f"module '{module}' has no attribute '{node.attr}'"
        yield Wrong(line, "example-name", f"{module}.{node.attr}", said, message)


def _call(node: ast.Call, line: int, bound: dict[str, str], surface: Surface) -> Iterator[Wrong]:
    module, _, name = _dotted(node.func, bound).rpartition(".")
    found = surface.definition(module, name) if module else None
    taken = signature(found) if found else None
    for keyword in unknown_keywords(node, taken) if taken else ():
        said = f"calls {name} with {keyword}, which is no parameter of it"
        message = f"{name}() got an unexpected keyword argument '{keyword}'"
        yield Wrong(line, "example-call", f"{module}.{name}:{keyword}", said, message)


def _dotted(node: ast.expr, bound: dict[str, str]) -> str:
    """Return what an expression names, in full, where its first name is imported in the examples; else ''."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    first = bound.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([first, *reversed(parts)]) if first else ""


def _bound(trees: Iterable[ast.Module], codebase: Codebase) -> dict[str, str]:
    """Return what the names mean that a page's examples import from the project and bind to nothing else."""
    found: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Import(names=names):
                for one in names:
                    meant = one.name if one.asname else one.name.partition(".")[0]
                    found.setdefault(one.asname or meant, set()).add(meant)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for one in names:
                    found.setdefault(one.asname or one.name, set()).add(f"{module}.{one.name}")
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                found.setdefault(name, set()).add("")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.setdefault(name, set()).add("")
    single = {name: next(iter(meant)) for name, meant in found.items() if len(meant) == 1}
    return {name: meant for name, meant in single.items() if meant and _is_ours(meant, codebase)}


def _is_ours(dotted: str, codebase: Codebase) -> bool:
    return dotted in codebase.modules or dotted.rpartition(".")[0] in codebase.modules


def _examples(text: str) -> Iterator[tuple[int, ast.Module]]:
    """Yield where each Python example starts, and its tree: prompts and outputs of a session become plain code."""
    for start, language, body in _blocks(text if text.endswith("\n") else f"{text}\n"):
        # MyST says {code-block} python
        told = [word for word in _WORD.findall(language)[:2] if not word.startswith("code")]
        if not told or told[0] in _PYTHON:
            code = _code(body)
            tree = parse(code) or parse(_imports_alone(code))
            if tree is not None:
                yield start, tree


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where each block of an example may start, the language it is said to be in, and its text."""
    yield from ((found.start(2), found.group(1), found.group(2)) for found in _FENCE.finditer(text))
    yield from ((found.start(0), "python", found.group(0)) for found in _SESSION.finditer(text))
    for head in _HEADS:
        for found in head.finditer(text):
            first = found.group(0)
            body = _indented(text, found.end(0), len(first) - len(first.lstrip()))
            yield found.end(0), found.group(1), body


def _indented(text: str, start: int, depth: int) -> str:
    """Return the block from a place on that stands further in than `depth` characters, and as far as its first line."""
    held: list[str] = []
    least = depth + 1
    at = start
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        line = text[at:end]
        inside = len(line) - len(line.lstrip())
        if line.strip() and inside < least:
            break
        if line.strip() and not any(one.strip() for one in held):
            least = inside
        held.append(line)
        at = end
    return "".join(held)


def _imports_alone(code: str) -> str:
    """Return code that is no whole Python with nothing but its imports, at their lines."""
    lines = (line.strip() for line in code.split("\n"))
    return "\n".join(line if line.startswith("from ") and parse(line) else "" for line in lines)


def _code(body: str) -> str:
    lines = body.split("\n")
    if _PROMPT.search(body):
        lines = [line.lstrip()[4:] if line.lstrip()[:3] in (">>>", "...") else "" for line in lines]
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[depth:] for line in lines)
