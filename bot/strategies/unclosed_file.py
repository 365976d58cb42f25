"""Close files that were opened for one read or write and left open."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._places import lines_at_fault
from bot.strategies._sites import Site, sites
from bot.strategies._statements import dotted
from bot.strategies._text import edit, indent_of, newline_of, replace, source, span_of

_NAMES = ("file", "stream", "handle", "opened_file")
_SEVERAL = "unraisable exception warnings"
# what a `with` closes, by the names that people call it by: Python library reference
_OPENERS = frozenset(
    "open io.open codecs.open gzip.open bz2.open lzma.open tarfile.open zipfile.ZipFile ZipFile socket.socket"
    " socket.create_connection urllib.request.urlopen urlopen tempfile.TemporaryFile tempfile.NamedTemporaryFile"
    " NamedTemporaryFile os.scandir subprocess.Popen Popen".split()
)
_SIMPLE = (ast.Assign, ast.Expr, ast.Return, ast.AugAssign, ast.AnnAssign)


def _opens(statement: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls of open in a simple statement whose file is used there and can't be closed afterwards."""
    parents = {id(child): node for node in ast.walk(statement) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "open":
            continue
        parent = parents.get(id(node))
        used = isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and node in parent.args)
        if used and not any(isinstance(n, ast.Lambda | ast.GeneratorExp) for n in ast.walk(statement)):
            yield node


def _closed(text: str, statement: ast.stmt, call: ast.Call) -> str:
    """Return the text with the statement inside a `with` that closes the file."""
    lines, end = split_lines(text), newline_of(text)
    taken = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    name = next(one for one in _NAMES if one not in taken)
    inner = replace(text, [(call, name)])
    removed = (call.end_lineno or call.lineno) - call.lineno
    first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - removed
    body = split_lines(inner)[first:last]
    indent = indent_of(lines[first])
    opening = f"{indent}with {' '.join(source(text, call).split())} as {name}:{end}"
    shifted = [f"    {line}" if line.strip() else line for line in body]
    return "".join([*lines[:first], opening, *shifted, *lines[span_of(statement).end_line :]])


def _statements(tree: ast.Module, lines: set[int]) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, _SIMPLE) and any(node.lineno <= line <= (node.end_lineno or 0) for line in lines):
            yield node


def _bound(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int, str]]:
    """Yield (block, index, name) of every `name = open(...)` whose file is only used in its block and never closed."""
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for block in _blocks(function):
            for at, one in enumerate(block):
                name = _opened(one)
                inside = sum(_reads(s, name) for s in block[at + 1 :]) if name else 0
                if inside and inside == _reads(function, name) and not _kept(function, name):
                    yield block, at, name


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _opened(one: ast.stmt) -> str:
    """Return the name that a statement binds to a file it opens, '' when it does not."""
    if not isinstance(one, ast.Assign) or len(one.targets) != 1 or not isinstance(one.targets[0], ast.Name):
        return ""
    call = one.value
    opens = isinstance(call, ast.Call) and (dotted(call.func) in _OPENERS or ast.unparse(call.func).endswith(").open"))
    return one.targets[0].id if opens and one.lineno == one.end_lineno else ""


def _reads(node: ast.AST, name: str) -> int:
    return sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(node))


def _kept(function: ast.FunctionDef, name: str) -> bool:
    """Return whether a file is closed already, or is used otherwise than by its methods and in loops over it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            if node.attr in {"close", "__enter__"}:
                return True
        elif isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.withitem | ast.Lambda | ast.GeneratorExp):
            held = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.Name) and n.id == name]
            if held or (isinstance(node, ast.Lambda | ast.GeneratorExp) and _reads(node, name)):
                return True
    return (
        sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(function)) > 1
    )


def _wrapped(text: str, block: list[ast.stmt], at: int, name: str) -> str:
    """Return the text with the statements from the opening to the file's last use inside a `with`."""
    last = max(i for i in range(at + 1, len(block)) if _reads(block[i], name))
    one, end = block[at], newline_of(text)
    lines = split_lines(text)
    call = source(text, one.value) if isinstance(one, ast.Assign) else ""
    first, stop = block[at].lineno, block[last].end_lineno or block[last].lineno
    held = range(first, stop)
    text_lines = _inside_texts(block[at + 1 : last + 1])
    moved = [f"    {lines[n]}" if lines[n].strip() and n + 1 not in text_lines else lines[n] for n in held]
    return "".join(
        [*lines[: first - 1], f"{indent_of(lines[first - 1])}with {call} as {name}:{end}", *moved, *lines[stop:]]
    )


def _inside_texts(statements: list[ast.stmt]) -> set[int]:
    """Return the lines that begin inside a string of several lines: those must not move."""
    inside: set[int] = set()
    for node in (n for s in statements for n in ast.walk(s)):
        if isinstance(node, ast.Constant | ast.JoinedStr) and (node.end_lineno or node.lineno) > node.lineno:
            inside.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return inside


def _named(paths: Iterable[str], codebase: Codebase) -> Iterator[Proposal]:
    """Yield one proposal for each file that is bound to a name and left open."""
    for path in paths:
        tree, text = codebase.tree(path), codebase.text(path)
        for block, at, name in _bound(tree) if tree else ():
            yield Proposal(
                strategy="unclosed_file",
                title=f"Close the file that {path} opens on line {block[at].lineno}",
                edits=edit(path, text, _wrapped(text, block, at, name)),
                confidence=0.86,
                why="the file stays open until the garbage collector finds it; a `with` closes it at once.",
            )


def _left_open(site: Site) -> bool:
    """Return whether an error may tell of files that were left open; several at once come without their texts."""
    told = (
        "unclosed " in site.message
        or "still running" in site.message
        or site.exception == "ResourceWarning"
        or site.code == "SIM115"
    )
    return told or _SEVERAL in site.message


def _all_closed(path: str, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the proposal that closes every file which a statement of a module opens inside an expression."""
    tree, before = codebase.tree(path), codebase.text(path)
    lines = set(range(1, before.count("\n") + 2))
    after = before
    found = sorted(_statements(tree, lines), key=lambda one: -one.lineno) if tree else []
    for statement in found:
        calls = list(_opens(statement))
        after = _closed(after, statement, calls[0]) if len(calls) == 1 else after
    edits = edit(path, before, after)
    if edits:
        yield Proposal(
            strategy="unclosed_file",
            title=f"Close the files that {path} opens",
            edits=edits,
            confidence=0.86,
            why="the files stay open until the garbage collector finds them; a `with` closes them at once.",
        )


@strategy(causes=("test-failure", "error", "resource-leak", "lint"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file with such a statement on the lines at fault."""
    found = sites(diagnosis, codebase)
    if not any(_left_open(site) for site in found):
        return
    if any(_SEVERAL in site.message for site in found):
        for path in dict.fromkeys(path for path, _ in lines_at_fault(diagnosis, codebase)):
            yield from _all_closed(path, codebase)
    lines: dict[str, set[int]] = {}
    for path, line in lines_at_fault(diagnosis, codebase):
        lines.setdefault(path, set()).add(line)
    for path, wanted in lines.items():
        tree, text = codebase.tree(path), codebase.text(path)
        candidates = [(s, call) for s in _statements(tree, wanted) for call in _opens(s)] if tree else []
        for statement, call in candidates[:1]:
            yield Proposal(
                strategy="unclosed_file",
                title=f"Close the file that {path} opens on line {statement.lineno}",
                edits=edit(path, text, _closed(text, statement, call)),
                confidence=0.9,
                why="the file stays open until the garbage collector finds it; a `with` closes it at once.",
            )
    # the collector, not the line that opened it, told of the file: the warning has no place of its own
    warned = any("unclosed " in s.message or "still running" in s.message for s in found)
    own = (path for path in codebase.python_files if not codebase.is_test(path))
    yield from _named(own if warned and not lines else lines, codebase)
