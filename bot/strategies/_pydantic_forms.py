"""Validators that look at other fields, and models of a single value, in the form that pydantic 2 has for them."""

from __future__ import annotations

import ast

from bot.codebase.changes import split_lines
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._statements import dotted
from bot.strategies._text import Span, attribute_span, indent_of, newline_of, replace, source

Change = tuple[Span | ast.AST, str]


def _reads(method: ast.FunctionDef, name: str) -> list[ast.Name] | None:
    """Return the places in a method that read a name, None when it is also bound there."""
    found = [n for n in ast.walk(method) if isinstance(n, ast.Name) and n.id == name]
    return found if all(isinstance(n.ctx, ast.Load) for n in found) else None


def with_info(unit: Unit, method: ast.FunctionDef) -> list[Change] | None:
    """Return the changes that read other fields from the validation's info, None where that has no equal form."""
    parameters = method.args.args
    if len(parameters) == 2:
        return []
    more = [one.arg for one in parameters[2:]]
    if not set(more) <= {"values", "field", "config"} or method.args.kwarg or method.args.vararg:
        return None
    reads, fields = _reads(method, "values"), _reads(method, "field")
    taken = {n.id for n in ast.walk(method) if isinstance(n, ast.Name)} | {a.arg for a in parameters}
    if reads is None or fields is None or "info" in taken or ("config" in more and _reads(method, "config") != []):
        return None
    named = [n for n in ast.walk(method) if isinstance(n, ast.Attribute) and n.attr == "name" and n.value in fields]
    if len(named) != len(fields):
        return None
    first, last = parameters[2], parameters[-1]
    span = Span(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
    changes: list[Change] = [(span, "info"), *((node, "info.data") for node in reads)]
    return [*changes, *((node, "info.field_name") for node in named)]


def root_after(unit: Unit, method: ast.FunctionDef, decorator: ast.expr) -> bool:
    """Rewrite a root validator that only looks at fields and hands the values back; return whether it was one."""
    parameters = method.args.args
    made = _on_self(unit, method, parameters[1].arg) if len(parameters) == 2 else None
    writes = any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) for n in ast.walk(method))
    if writes and "validate_assignment" in unit.text:  # each assignment would run the validator again
        return False
    names = Names(unit)
    maker = names.spell("pydantic.model_validator")
    if made is None or maker is None or len(method.decorator_list) != 1 or _reads(method, parameters[0].arg) != []:
        return False
    first, last = parameters
    span = Span(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
    unit.become(replace(unit.text, [(decorator, f'{maker}(mode="after")'), (span, "self"), *made]))
    with_imports(unit, names.imports)
    return True


def _on_self(unit: Unit, method: ast.FunctionDef, values: str) -> list[Change] | None:
    """Return the changes that read fields from `self` instead of `values`, None when something else is done to it."""
    made: list[Change] = []
    used = _reads(method, values)
    known = {id(node) for node in used or ()}
    for node in ast.walk(method):
        field = _field(node, known)
        if field:
            made.append((node, f"self.{field}"))
            known.discard(id(_owner(node)))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and id(node.value) in known:
            made.append((node.value, "self"))
            known.discard(id(node.value))
    return made if used and not known else None


def _owner(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Subscript):
        return node.value
    return node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None


def _field(node: ast.AST, known: set[int]) -> str:
    """Return the field that `values["x"]` or `values.get("x")` reads, '' for anything else."""
    if id(_owner(node)) not in known:
        return ""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load | ast.Store):
        key: ast.expr | None = node.slice
    elif (
        isinstance(node, ast.Call) and dotted(node.func).endswith(".get") and len(node.args) == 1 and not node.keywords
    ):
        key = node.args[0]
    else:
        return ""
    name = key.value if isinstance(key, ast.Constant) else ""
    return name if isinstance(name, str) and name.isidentifier() else ""


def rooted(unit: Unit) -> bool:
    """Rewrite one model of a single value (`__root__`) as a root model; return whether there was one."""
    for model in (n for n in ast.walk(unit.tree) if isinstance(n, ast.ClassDef)):
        field = next((s for s in model.body if isinstance(s, ast.AnnAssign) and dotted(s.target) == "__root__"), None)
        if field is None or len(model.bases) != 1 or unit.origin(model.bases[0]) != "pydantic.BaseModel":
            continue
        names = Names(unit)
        maker = names.spell("pydantic.RootModel")
        if maker is None:
            continue
        annotation = source(unit.text, field.annotation)
        read = [n for n in ast.walk(unit.tree) if isinstance(n, ast.Attribute) and n.attr == "__root__"]
        changes: list[Change] = [(model.bases[0], f"{maker}[{annotation}]"), (field.target, "root")]
        unit.become(replace(unit.text, [*changes, *((attribute_span(node), "root") for node in read)]))
        _keywords(unit)
        with_imports(unit, names.imports)
        return True
    return False


def _keywords(unit: Unit) -> None:
    """Hand the single value over under its new name."""
    words = [k for n in ast.walk(unit.tree) if isinstance(n, ast.Call) for k in n.keywords if k.arg == "__root__"]
    spans = [Span(k.lineno, k.col_offset, k.lineno, k.col_offset + len("__root__")) for k in words]
    unit.become(replace(unit.text, [(span, "root") for span in spans]))


def above(unit: Unit, method: ast.FunctionDef, line: str) -> None:
    """Put a line in front of a method's `def`, below its decorators."""
    lines = split_lines(unit.text)
    at = method.lineno - 1
    lines.insert(at, f"{indent_of(lines[at])}{line}{newline_of(unit.text)}")
    unit.become("".join(lines))
