"""Rewrite what a linter found and has no fix for, where the rule leaves one plain form.

`raise` inside `except` names its cause (B904, W0707), a bare `except` says `Exception` (E722, W0702), exact types are
compared with `is` (E721), a loop that only appends becomes a comprehension or a list (PERF401, PERF402), and imports
below plain assignments move up to the others (E402).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise, takewhile

from bot.codebase import Codebase
from bot.codebase.distributions import is_stdlib
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._loops import reads
from bot.strategies._text import Span, edit, replace, source

Change = tuple[Span | ast.AST, str]
Rewrite = Callable[[str, ast.Module, set[int]], list[Change]]


def _named_cause(text: str, tree: ast.Module, lines: set[int]) -> list[Change]:
    """Return the changes that let `raise` name the exception at hand; a handler without a name gets one."""
    made: list[Change] = []
    for handler in (n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)):
        raised = [n for n in _own(handler.body) if isinstance(n, ast.Raise) and n.exc and not n.cause]
        wanted = [n for n in raised if lines & set(range(n.lineno, (n.end_lineno or n.lineno) + 1))]
        taken = {n.id for n in ast.walk(handler) if isinstance(n, ast.Name)}
        name = handler.name or next((one for one in ("error", "err", "cause") if one not in taken), "")
        if not wanted or not name or handler.type is None:
            continue
        for one in wanted:
            line, column = one.end_lineno or one.lineno, one.end_col_offset or 0
            made.append((Span(line, column, line, column), f" from {name}"))
        if not handler.name:
            line, column = handler.type.end_lineno or 0, handler.type.end_col_offset or 0
            spot = Span(line, column, line, column)
            inside = source(text, handler.type).startswith("(") or not isinstance(handler.type, ast.Tuple)
            made += [(spot, f" as {name}")] if inside else []
    return made


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a handler without those of functions and handlers inside it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ExceptHandler):
            waiting += ast.iter_child_nodes(node)


def _named_exception(text: str, tree: ast.Module, lines: set[int]) -> list[Change]:
    """Return the changes that let a bare `except` say what it means."""
    bare = [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.type is None and n.lineno in lines]
    spots = [Span(n.lineno, n.col_offset, n.lineno, n.col_offset + len("except")) for n in bare]
    return [(spot, "except Exception") for spot in spots]


def _exact_type(text: str, tree: ast.Module, lines: set[int]) -> list[Change]:
    """Return the changes that compare a type by identity."""
    made: list[Change] = []
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.Compare) and n.lineno in lines and len(n.ops) == 1):
        sides = (node.left, node.comparators[0])
        asks = any(isinstance(s, ast.Call) and isinstance(s.func, ast.Name) and s.func.id == "type" for s in sides)
        operator = {ast.Eq: "is", ast.NotEq: "is not"}.get(type(node.ops[0]))
        if asks and operator:
            made.append((node, f"{source(text, sides[0])} {operator} {source(text, sides[1])}"))
    return made


def _comprehension(text: str, tree: ast.Module, lines: set[int]) -> list[Change]:
    """Return the changes that build in one expression a list which a loop right below its birth appends to."""
    made: list[Change] = []
    for block in (getattr(n, "body", None) for n in ast.walk(tree)):
        for first, loop in pairwise(block) if isinstance(block, list) else ():
            name, found = _born(first), _appended(loop) if isinstance(loop, ast.For) else None
            if not name or found is None or not isinstance(loop, ast.For) or found[0] != name:
                continue
            inside = lines & set(range(loop.lineno, (loop.end_lineno or loop.lineno) + 1))
            used = reads(found[1]) | reads(loop.iter) | (reads(found[2]) if found[2] else set())
            if not inside or name in used or any(isinstance(n, ast.Await | ast.Yield) for n in ast.walk(loop)):
                continue
            condition = f" if {source(text, found[2])}" if found[2] else ""
            each, whole_of = source(text, loop.target), source(text, loop.iter)
            is_copy = source(text, found[1]) == each and not condition
            made_of = (
                f"list({whole_of})" if is_copy else f"[{source(text, found[1])} for {each} in {whole_of}{condition}]"
            )
            whole = Span(first.lineno, first.col_offset, loop.end_lineno or 0, loop.end_col_offset or 0)
            target = source(text, first).partition("=")[0].rstrip()
            made.append((whole, f"{target} = {made_of}"))
    return made


def _born(statement: ast.stmt) -> str:
    """Return the name that a statement binds to an empty list, '' when it does not."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or not isinstance(statement.value, ast.List):
        return ""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    single = not isinstance(statement, ast.Assign) or len(statement.targets) == 1
    return target.id if isinstance(target, ast.Name) and single and not statement.value.elts else ""


def _appended(loop: ast.For) -> tuple[str, ast.expr, ast.expr | None] | None:
    """Return (list, value, condition) of a loop that does nothing but append, None for others."""
    only = loop.body[0]
    asks = only if len(loop.body) == 1 and isinstance(only, ast.If) and not only.orelse else None
    body, condition = (asks.body, asks.test) if asks else (loop.body, None)
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if loop.orelse or not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords:
        return None
    append = call.func
    if not isinstance(append, ast.Attribute) or append.attr != "append" or not isinstance(append.value, ast.Name):
        return None
    return append.value.id, call.args[0], condition


def _imports_first(text: str, tree: ast.Module, lines: set[int]) -> list[Change]:
    """Return the changes that move imports to those at the top, over plain assignments and definitions alone."""
    rows = text.split("\n")
    head = list(takewhile(lambda node: isinstance(node, ast.Import | ast.ImportFrom) or _says(node), tree.body))
    if not head or _says(head[-1]):
        return []
    at = (head[-1].end_lineno or 0) + 1
    runs: list[tuple[int, int]] = []
    runs_code = False
    for node in tree.body[len(head) :]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            first, last = node.lineno, node.end_lineno or node.lineno
            alone = rows[first - 1].startswith(("import ", "from ")) and not {"#", ";"} & set(rows[last - 1])
            if first in lines and alone and last < len(rows) and (_is_standard(node) or not runs_code):
                runs = (
                    [*runs[:-1], (runs[-1][0], last)] if runs and runs[-1][1] == first - 1 else [*runs, (first, last)]
                )
        elif not isinstance(node, _PLAIN) or not _binds_names(node):
            break
        else:
            runs_code = runs_code or any(isinstance(each, ast.Call) for each in ast.walk(node))
    written = "".join(f"{row}\n" for first, last in runs for row in rows[first - 1 : last])
    made: list[Change] = [(Span(at, 0, at, 0), written)] if runs else []
    for first, last in runs:
        blank = takewhile(lambda row: not row.strip(), reversed(rows[at - 1 : first - 1]))
        above = 0 if rows[last].strip() else len(list(blank))
        made.append((Span(first - above, 0, last + 1, 0), ""))
    return made


_PLAIN = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    """Return whether an import takes from the standard library alone, so that nothing above it can be meant for it."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and is_stdlib((node.module or "").partition(".")[0])
    return all(is_stdlib(name.name.partition(".")[0]) for name in node.names)


def _says(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _binds_names(node: ast.stmt) -> bool:
    """Return whether a statement binds plain names, so that it can't be meant for the imports below it."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return all(isinstance(target, ast.Name) for target in targets)


_REWRITES: dict[str, Rewrite] = {
    "B904": _named_cause, "W0707": _named_cause, "TRY200": _named_cause, "E722": _named_exception,
    "W0702": _named_exception, "E721": _exact_type, "PERF401": _comprehension, "PERF402": _comprehension,
    "E402": _imports_first, "C0413": _imports_first,
}  # fmt: skip


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file and rule."""
    wanted: dict[tuple[str, str], set[int]] = {}
    for failure in diagnosis.failures:
        for path, line in places_of(failure):
            if failure.code in _REWRITES and path in codebase.files:
                wanted.setdefault((path, failure.code), set()).add(line)
    for (path, code), lines in wanted.items():
        tree, text = codebase.tree(path), codebase.text(path)
        edits = edit(path, text, replace(text, _REWRITES[code](text, tree, lines))) if tree else ()
        if edits:
            yield Proposal(
                strategy="lint_rewrite",
                title=f"Rewrite what {code} found in {path}",
                edits=edits,
                confidence=0.85,
                why=f"{code} leaves one plain form for this, which does the same.",
            )
