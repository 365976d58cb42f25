"""setup.py, read from its syntax tree: literal arguments, and names assigned to literals; it is never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from bot.codebase.metadata.model import Dependency, Format, Part, Section, dependency

_LISTS = {"install_requires": "", "tests_require": "test", "setup_requires": "build"}


def read(file: str, text: str) -> Part:
    """Return what the call of `setup` in a setup.py declares; a file that can't be parsed is a part with a problem."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        return Part(problem=f"{file}:{line}: {getattr(error, 'msg', '') or error}")
    names = _assigned(tree)
    given = {word.arg: _literal(word.value, names) for word in _setup_words(tree) if word.arg}
    found = list(_declared(file, given, names))
    python = given.get("python_requires")
    return Part(
        name=_text(given.get("name")),
        version=_text(given.get("version")),
        requires_python=_text(python),
        requires_python_line=python.lineno if python is not None and _text(python) else 0,
        dependencies=tuple(one for section, ones in found for one in ones),
        sections=tuple(section for section, ones in found),
        scripts=tuple(_scripts(given.get("entry_points"), names)),
    )


def _setup_words(tree: ast.Module) -> Iterator[ast.keyword]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            yield from node.keywords
            for word in node.keywords:
                if word.arg is None and isinstance(word.value, ast.Call | ast.Dict):
                    yield from _splatted(word.value)


def _splatted(value: ast.Call | ast.Dict) -> Iterator[ast.keyword]:
    if isinstance(value, ast.Call):
        yield from value.keywords
        return
    for key, item in zip(value.keys, value.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield ast.keyword(key.value, item)


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, node.value)
    return found


def _literal(node: ast.expr, names: dict[str, ast.expr]) -> ast.expr:
    """Follow one name to what it was assigned."""
    return names.get(node.id, node) if isinstance(node, ast.Name) else node


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _strings(node: ast.expr, names: dict[str, ast.expr]) -> Iterator[tuple[str, int]]:
    """Yield the literal strings of a list, of a sum of lists, or of a text with one requirement a line."""
    node = _literal(node, names)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        for item in node.elts:
            inner = item.value if isinstance(item, ast.Starred) else item
            yield from _strings(inner, names)
    elif isinstance(node, ast.BinOp):
        yield from _strings(node.left, names)
        yield from _strings(node.right, names)
    elif _text(node):
        for offset, line in enumerate(_text(node).splitlines()):
            if line.strip():
                yield line.strip(), node.lineno + offset


def _declared(
    file: str, given: dict[str, ast.expr], names: dict[str, ast.expr]
) -> Iterator[tuple[Section, tuple[Dependency, ...]]]:
    for word, group in _LISTS.items():
        if word in given:
            kind: Format = "build" if group == "build" else "setup.py-extra" if group else "setup.py"
            yield _section(file, kind, group, given[word], names)
    extras = given.get("extras_require")
    if isinstance(extras, ast.Dict):
        for key, value in zip(extras.keys, extras.values, strict=True):
            if key is not None and _text(key):
                yield _section(file, "setup.py-extra", _text(key), value, names)


def _section(
    file: str, kind: Format, group: str, node: ast.expr, names: dict[str, ast.expr]
) -> tuple[Section, tuple[Dependency, ...]]:
    node = _literal(node, names)
    section = Section(file, kind, group, node.lineno, node.end_lineno or node.lineno)
    return section, tuple(dependency(text, section, line) for text, line in _strings(node, names))


def _scripts(node: ast.expr | None, names: dict[str, ast.expr]) -> Iterator[tuple[str, str, str]]:
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        for text, _ in _strings(value, names) if key is not None and _text(key) else ():
            name, equals, target = text.partition("=")
            if equals and key is not None:
                yield _text(key), name.strip(), target.strip()
