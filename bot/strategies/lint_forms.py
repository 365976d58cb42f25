"""Write in the form that a rule asks for what the linter itself doesn't mend: class attributes, loops, logging, paths.

Mutable class attributes say `ClassVar` (RUF012), a loop that only fills a dictionary becomes a comprehension (PERF403),
lambdas of a loop keep its variable (B023), calls leave a function's defaults (B008), texts of log records stay apart
from their values (G002, G004), what follows a risky statement goes to `else` (TRY300), files are opened by path (PTH).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._bodies import at_head
from bot.strategies._checks import places_of
from bot.strategies._loops import reads
from bot.strategies._rewrites import Template, rewrite_calls
from bot.strategies._text import Span, edit, indent_of, replace, source

Function = ast.FunctionDef | ast.AsyncFunctionDef
Change = tuple[Span | ast.AST, str]
Form = Callable[[Unit, set[int]], None]


def _class_attributes(unit: Unit, lines: set[int]) -> None:
    """Annotate lists, dictionaries and sets that a class shares among its objects."""
    names = Names(unit)
    changes: list[Change] = []
    for node in (s for n in ast.walk(unit.tree) if isinstance(n, ast.ClassDef) for s in n.body):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or node.value.lineno not in lines:
            continue
        kind = _kind(node.value)
        maker = names.spell("typing.ClassVar") if kind else None
        if isinstance(node, ast.AnnAssign) and maker:
            changes.append((node.annotation, f"{maker}[{source(unit.text, node.annotation)}]"))
        elif (
            isinstance(node, ast.Assign) and maker and isinstance(node.targets[0], ast.Name) and len(node.targets) == 1
        ):
            changes.append((node.targets[0], f"{node.targets[0].id}: {maker}[{kind}]"))
    unit.become(replace(unit.text, changes))
    with_imports(unit, names.imports if changes else [])


def _kind(value: ast.expr) -> str:
    """Return the type of a mutable value, with that of its items where all are plain and alike."""
    if isinstance(value, ast.Dict):
        keys, values = _one_type(value.keys), _one_type(value.values)
        return f"dict[{keys}, {values}]" if keys and values else "dict"
    if isinstance(value, ast.List | ast.Set):
        kind, items = "list" if isinstance(value, ast.List) else "set", _one_type(value.elts)
        return f"{kind}[{items}]" if items else kind
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    return called if called in {"list", "dict", "set"} else ""


def _one_type(nodes: Iterable[ast.expr | None]) -> str:
    kinds = {type(n.value).__name__ if isinstance(n, ast.Constant) and n.value is not None else "" for n in nodes}
    return kinds.pop() if len(kinds) == 1 else ""


def _dictionaries(unit: Unit, lines: set[int]) -> None:
    """Build in one expression a dictionary which a loop right below its birth fills."""
    changes: list[Change] = []
    for block in (getattr(n, "body", None) for n in ast.walk(unit.tree)):
        for first, loop in pairwise(block) if isinstance(block, list) else ():
            made = _filled(unit, first, loop, lines)
            changes += [made] if made else []
    unit.become(replace(unit.text, changes))


def _filled(unit: Unit, first: ast.stmt, loop: ast.stmt, lines: set[int]) -> Change | None:
    born = first.value if isinstance(first, ast.Assign | ast.AnnAssign) else None
    if not isinstance(born, ast.Dict) or born.keys or not isinstance(loop, ast.For) or loop.orelse:
        return None
    inside = lines & set(range(loop.lineno, (loop.end_lineno or loop.lineno) + 1))
    asks = (
        loop.body[0] if len(loop.body) == 1 and isinstance(loop.body[0], ast.If) and not loop.body[0].orelse else None
    )
    body = asks.body if asks else loop.body
    only = body[0] if len(body) == 1 else None
    target = only.targets[0] if isinstance(only, ast.Assign) and len(only.targets) == 1 else None
    name = source(unit.text, first).partition("=")[0].partition(":")[0].strip()
    if not inside or not isinstance(target, ast.Subscript) or source(unit.text, target.value) != name:
        return None
    parts = [
        target.slice,
        only.value if isinstance(only, ast.Assign) else target.slice,
        loop.iter,
        *([asks.test] if asks else []),
    ]
    if any(name in reads(part) for part in parts) or any(isinstance(n, ast.Await | ast.Yield) for n in ast.walk(loop)):
        return None
    key, value, each = (source(unit.text, part) for part in parts[:3])
    condition = f" if {source(unit.text, asks.test)}" if asks else ""
    head = source(unit.text, first).partition("=")[0].rstrip()
    whole = Span(first.lineno, first.col_offset, loop.end_lineno or 0, loop.end_col_offset or 0)
    return whole, f"{head} = {{{key}: {value} for {source(unit.text, loop.target)} in {each}{condition}}}"


def _kept_variables(unit: Unit, lines: set[int]) -> None:
    """Let the lambdas of a loop keep its variables as they are when each is made."""
    changes: list[Change] = []
    for loop in (n for n in ast.walk(unit.tree) if isinstance(n, ast.For)):
        bound = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in (n for part in loop.body for n in ast.walk(part) if isinstance(n, ast.Lambda)):
            given = node.args
            wanted = sorted(reads(node.body) & bound - {one.arg for one in given.args})
            if node.lineno not in lines or not wanted or given.vararg or given.kwarg or given.kwonlyargs:
                continue
            keeps = ", ".join(f"{name}={name}" for name in wanted)
            colon = (
                source(unit.text, node)[len("lambda") :].partition(source(unit.text, node.body))[0].rstrip().rstrip(":")
            )
            written = colon.strip()
            spot = Span(node.lineno, node.col_offset, node.body.lineno, node.body.col_offset)
            changes.append((spot, f"lambda {f'{written}, {keeps}' if written else keeps}: "))
    unit.become(replace(unit.text, changes))


_FRAMEWORKS = frozenset(
    {"Depends", "Query", "Body", "File", "Form", "Header", "Cookie", "Path", "Security", "Option", "Argument"}
)


def _called_defaults(unit: Unit, lines: set[int]) -> None:
    """Make what a default calls anew in each call of the function."""
    for function in [n for n in ast.walk(unit.tree) if isinstance(n, Function)]:
        given = function.args
        positional = [*given.posonlyargs, *given.args]
        pairs = list(zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True))
        pairs += [(a, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None]
        found = [(a, d) for a, d in pairs if isinstance(d, ast.Call) and d.lineno in lines]
        if not found or any(ast.unparse(d.func).rpartition(".")[2] in _FRAMEWORKS for _, d in found):
            continue
        guards = [line for a, d in found for line in (f"if {a.arg} is None:", f"    {a.arg} = {source(unit.text, d)}")]
        text = at_head(unit.text, function, guards)
        changes: list[Change] = [(d, "None") for _, d in found]
        changes += [(a.annotation, f"{source(unit.text, a.annotation)} | None") for a, _ in found if a.annotation]
        unit.become(replace(text, changes))
        return


def _records(unit: Unit, lines: set[int]) -> None:
    """Hand the values of a log record over beside its text."""
    changes: list[Change] = []
    for call in (n for n in ast.walk(unit.tree) if isinstance(n, ast.Call) and n.args):
        first, inside = call.args[0], lines & set(range(call.lineno, (call.end_lineno or call.lineno) + 1))
        if not inside or len(call.args) != 1:
            continue
        if isinstance(first, ast.JoinedStr):
            made = _apart(unit.text, first)
            changes += [(first, made)] if made else []
        elif isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mod) and isinstance(first.left, ast.Constant):
            values = first.right.elts if isinstance(first.right, ast.Tuple) else [first.right]
            if not any(isinstance(one, ast.Dict | ast.Starred) for one in values):
                changes.append((first, ", ".join(source(unit.text, one) for one in (first.left, *values))))
    unit.become(replace(unit.text, changes))


def _apart(text: str, node: ast.JoinedStr) -> str:
    """Return an f-string as a text with `%s` for each value, and the values; '' where a value has a format."""
    said, values = "", list[str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            said += str(part.value).replace("%", "%%")
            continue
        if (
            not isinstance(part, ast.FormattedValue)
            or part.format_spec
            or part.conversion not in {-1, ord("r"), ord("s")}
        ):
            return ""
        said += "%r" if part.conversion == ord("r") else "%s"
        values.append(ast.unparse(part.value))
    quoted = '"' + repr("'" + said)[2:-1].replace('"', '\\"') + '"'
    return ", ".join([quoted, *values])


def _else(unit: Unit, lines: set[int]) -> None:
    """Move the `return` that ends a guarded block behind the handlers, where only success leads."""
    for node in (n for n in ast.walk(unit.tree) if isinstance(n, ast.Try) and not n.orelse and not n.finalbody):
        last = node.body[-1]
        if last.lineno not in lines or len(node.body) < 2 or not isinstance(last, ast.Return):
            continue
        rows = split_lines(unit.text)
        own = indent_of(rows[node.lineno - 1])
        block = rows[last.lineno - 1 : last.end_lineno]
        end = node.end_lineno or 0
        rest = [*rows[: last.lineno - 1], *rows[last.end_lineno or 0 : end], f"{own}else:\n", *block, *rows[end:]]
        unit.become("".join(rest))
        return


def _paths(unit: Unit, lines: set[int]) -> None:
    for api, parameters, text in _PATHS:
        rewrite_calls(unit, Template(api, f"<pathlib.Path>({{path}}).{text}", ("path", *parameters)))


# https://docs.python.org/3/library/pathlib.html#corresponding-tools
_PATHS = (
    ("os.path.exists", (), "exists()"), ("os.path.isfile", (), "is_file()"), ("os.path.isdir", (), "is_dir()"),
    ("os.remove", (), "unlink()"), ("os.unlink", (), "unlink()"), ("os.mkdir", (), "mkdir()"),
    ("open", (), "open()"), ("open", ("mode",), "open({mode})"), ("os.rmdir", (), "rmdir()"),
    ("open", ("mode", "encoding"), "open({mode}, encoding={encoding})"),
)  # fmt: skip
_PATH_CODES = ("PTH110", "PTH112", "PTH113", "PTH107", "PTH108", "PTH102", "PTH106", "PTH123")
_FORMS: dict[str, Form] = {
    "RUF012": _class_attributes, "PERF403": _dictionaries, "B023": _kept_variables, "B008": _called_defaults,
    "G002": _records, "G004": _records, "TRY300": _else, "W1203": _records, "W1201": _records,
    **dict.fromkeys(_PATH_CODES, _paths),
}  # fmt: skip


def _wanted(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, dict[str, set[int]]]]:
    """Yield each file with the lines that each rule found in it."""
    found: dict[str, dict[str, set[int]]] = {}
    for failure in diagnosis.failures:
        for path, line in places_of(failure):
            if failure.code in _FORMS and path in codebase.files and codebase.tree(path):
                found.setdefault(path, {}).setdefault(failure.code, set()).add(line)
    yield from found.items()


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.76)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file, its rules taken one after the other."""
    for path, rules in _wanted(diagnosis, codebase):
        unit = Unit(codebase.text(path))
        for code in list(rules)[:1]:
            _FORMS[code](unit, rules[code])
        edits = edit(path, codebase.text(path), unit.text)
        if edits:
            yield Proposal(
                strategy="lint_forms",
                title=f"Write what {next(iter(rules))} found in {path} in the form it asks for",
                edits=edits,
                confidence=0.84,
                why="the rule leaves one plain form for this, which does the same.",
            )
