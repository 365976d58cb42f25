"""Prose against the code: examples that import or call what is not there, and links to files that are gone."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase, parse
from bot.detectors._seen import Finding

PROSE = (".md", ".rst", ".txt")
LARGEST = 500_000  # characters of one text
_FENCE = re2.compile(r"(?ms)^[ \t]*```(?:python|py|python3|pycon)\b[^\n]*\n(.*?)^[ \t]*```")
_DIRECTIVE = re2.compile(
    r"(?m)^\.\. (?:code-block|code|sourcecode):: *(?:python|py|python3|pycon)[ \t]*\n((?:[ \t]+[^\n]*\n|[ \t]*\n)+)"
)
_LINK = re2.compile(r"\]\(([^()\s#?]+)(?:[#?][^()\s]*)?(?:\s+\"[^\"]*\")?\)")
_LINKED = (".md", ".rst", ".txt", ".py", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".json")
_PROMPT = re2.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.)(?: |$)")
_PLACES = frozenset({"docs", "doc", "."})


def text_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding (severity low) for each example and link in the prose that leads to nothing."""
    for path in sorted(codebase.files):
        if path.endswith(PROSE) and _is_ours(path):
            text = codebase.text(path)
            if len(text) <= LARGEST:
                yield from _imports(codebase, path, text)
                yield from _links(codebase, path, text) if path.endswith(".md") else ()


def _is_ours(path: str) -> bool:
    parts = PurePosixPath(path).parts
    named = parts[-1].lower().startswith(("changelog", "changes", "history", "news", "release"))
    return not named and (len(parts) == 1 or parts[0] in _PLACES)


def _imports(codebase: Codebase, path: str, text: str) -> Iterator[Finding]:
    for start, code in _examples(text):
        tree = parse(code)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    if _lacks(codebase, node.module, alias.name):
                        line = text[:start].count("\n") + node.lineno
                        said = f"imports {alias.name} from {node.module}, which has no such name"
                        yield _finding(path, line, "example-import", said, f"{node.module}.{alias.name}")


def _examples(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each Python example starts and its code: prompts and outputs of a session become plain code."""
    for pattern in (_FENCE, _DIRECTIVE):
        for found in pattern.finditer(text):
            body = found.group(1)
            lines = body.split("\n")
            if _PROMPT.search(body):
                lines = [line.lstrip()[4:] if line.lstrip()[:3] in (">>>", "...") else "" for line in lines]
            depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
            yield found.start(1), "\n".join(line[depth:] for line in lines)


def _lacks(codebase: Codebase, module: str, name: str) -> bool:
    """Say whether a module of the project certainly has no such name: nothing in it defines, imports or makes one."""
    path = codebase.modules.get(module)
    tree = codebase.tree(path) if path else None
    if path is None or tree is None or name == "*" or f"{module}.{name}" in codebase.modules:
        return False
    if any(one.names == ("*",) for one in codebase.imports(path)):
        return False
    dynamic = {"__getattr__", "globals", "setattr", "exec", "lazy_import", "attach", "__all__"}
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound = {bound for one in codebase.imports(path) for bound in one.bound}
    known = {symbol.name for symbol in codebase.symbols(path)} | bound | assigned
    if (words | defined) & (dynamic - {"__all__"}):
        return False
    return name not in known


def _links(codebase: Codebase, path: str, text: str) -> Iterator[Finding]:
    folders = {str(parent) for file in codebase.files for parent in PurePosixPath(file).parents}
    for found in _LINK.finditer(text):
        target = found.group(1)
        if "://" in target or target.startswith(("/", "mailto:", "<", "{", "../../")) or not target.endswith(_LINKED):
            continue
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if place.startswith("..") or place in codebase.files or place in folders:
            continue
        line = text[: found.start()].count("\n") + 1
        yield _finding(path, line, "broken-link", f"links to {target}, which is not there", target)


def _finding(path: str, line: int, pattern: str, said: str, what: str) -> Finding:
    return Finding(
        type="documentation",
        cause=f"{pattern}:{path}:{what}",
        severity="low",
        description=f"{path}, line {line}, {said}",
        confidence=0.8,
        handler=PurePosixPath(path).name,
        metrics={"pattern": pattern, "class": "docs", "tool": "prose", "file": path, "line": line, "what": what},
        evidence=(f"{path}:{line}",),
    )
