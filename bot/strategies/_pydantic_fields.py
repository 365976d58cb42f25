"""Fields of pydantic models that version 2 declares in another form, and what code reads of them.

Source: https://docs.pydantic.dev/latest/migration/#changes-to-pydanticfield
"""

from __future__ import annotations

import ast

from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._keywords import drop
from bot.strategies._text import Span, replace, source

Change = tuple[Span | ast.AST, str]
_FIELDS = frozenset({"__fields__", "model_fields"})
# attribute of a field in version 1 -> expression on the field in version 2
_READ = {"required": "is_required()", "type_": "annotation", "outer_type_": "annotation"}


def _field_call(unit: Unit, node: ast.expr | None) -> ast.Call | None:
    found = node if isinstance(node, ast.Call) else None
    return found if found and unit.origin(found.func) in {"pydantic.Field", "pydantic.fields.Field"} else None


def literal(unit: Unit) -> bool:
    """Rewrite one constant field as a literal; return whether there was one."""
    for node in (n for n in ast.walk(unit.tree) if isinstance(n, ast.AnnAssign)):
        call = _field_call(unit, node.value)
        const = next((k for k in call.keywords if k.arg == "const"), None) if call else None
        if call is None or const is None or len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
            continue
        names = Names(unit)
        maker = names.spell("typing.Literal")
        value = source(unit.text, call.args[0])
        if maker is None:
            continue
        rest = [
            source(unit.text, k.value) if k.arg is None else f"{k.arg}={source(unit.text, k.value)}"
            for k in call.keywords
            if k is not const
        ]
        made = f"{source(unit.text, call.func)}({', '.join([value, *rest])})" if rest else value
        unit.become(replace(unit.text, [(node.annotation, f"{maker}[{value}]"), (call, made)]))
        with_imports(unit, names.imports)
        return True
    return False


def checked_by_default(unit: Unit, model: ast.ClassDef, fields: list[str]) -> bool:
    """Let the defaults of fields be validated too; return whether every field could be so declared."""
    named = {n.target.id: n for n in model.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    names = Names(unit)
    maker = names.spell("pydantic.Field")
    changes: list[Change] = []
    for name in fields:
        node = named.get(name)
        value = node.value if node else None
        if node is None or maker is None:
            return False
        call = _field_call(unit, value)
        if value is None:
            continue
        if call is not None:
            end = Span(
                call.end_lineno or 0,
                (call.end_col_offset or 1) - 1,
                call.end_lineno or 0,
                (call.end_col_offset or 1) - 1,
            )
            changes.append((end, f"{', ' if call.args or call.keywords else ''}validate_default=True"))
        else:
            changes.append((value, f"{maker}({source(unit.text, value)}, validate_default=True)"))
    unit.become(replace(unit.text, changes))
    with_imports(unit, names.imports if changes else [])
    return True


def fields_read(unit: Unit) -> bool:
    """Rewrite what loops over a model's fields read of them; return whether anything changed."""
    before = unit.text
    for loop in [n for n in ast.walk(unit.tree) if isinstance(n, ast.comprehension | ast.For)]:
        name = _field_name(loop)
        reads = (
            [
                n
                for n in ast.walk(unit.tree)
                if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name
            ]
            if name
            else []
        )
        inside = [n for n in reads if _within(unit.tree, loop, n)]
        if inside and all(n.attr == "name" for n in inside) and isinstance(loop.iter, ast.Call):
            owner = loop.iter.func.value if isinstance(loop.iter.func, ast.Attribute) else loop.iter
            if ast.unparse(loop.iter.func).endswith(".values"):
                unit.become(replace(unit.text, [(loop.iter, source(unit.text, owner)), *((n, name) for n in inside)]))
                break
        changes: list[Change] = [(n, f"{name}.{_READ[n.attr]}") for n in inside if n.attr in _READ]
        if changes:
            unit.become(replace(unit.text, changes))
            break
    return unit.text != before


def _field_name(loop: ast.comprehension | ast.For) -> str:
    """Return the variable that holds a field in a loop over a model's fields, '' for other loops."""
    call = loop.iter
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ""
    owner, method = call.func.value, call.func.attr
    if not isinstance(owner, ast.Attribute) or owner.attr not in _FIELDS:
        return ""
    target = loop.target
    if method == "items" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        target = target.elts[1]
    elif method != "values":
        return ""
    return target.id if isinstance(target, ast.Name) else ""


def _within(tree: ast.Module, loop: ast.comprehension | ast.For, node: ast.AST) -> bool:
    """Return whether a node stands in the loop or in the expression that a comprehension belongs to."""
    if isinstance(loop, ast.For):
        return any(n is node for n in ast.walk(loop))
    owners = [n for n in ast.walk(tree) if loop in getattr(n, "generators", ())]
    return any(n is node for owner in owners for n in ast.walk(owner))


def annotated(unit: Unit, said: str) -> bool:
    """Annotate plain values of models that a message names; return whether there were any."""
    changes: list[Change] = []
    for model in (n for n in ast.walk(unit.tree) if isinstance(n, ast.ClassDef)):
        for node in (s for s in model.body if isinstance(s, ast.Assign) and len(s.targets) == 1):
            target, value = node.targets[0], node.value
            plain = isinstance(value, ast.Constant) and type(value.value) in (str, int, float, bool, bytes)
            if (
                isinstance(target, ast.Name)
                and isinstance(value, ast.Constant)
                and plain
                and f"`{target.id} = " in said
            ):
                changes.append((target, f"{target.id}: {type(value.value).__name__}"))
    unit.become(replace(unit.text, changes))
    return bool(changes)


def always(unit: Unit, model: ast.ClassDef, decorator: ast.expr) -> bool:
    """Move `always=True` of a validator to the fields that it validates; return whether it was there and could be."""
    call = decorator if isinstance(decorator, ast.Call) else None
    word = next((k for k in call.keywords if k.arg == "always"), None) if call else None
    if call is None or word is None or not isinstance(word.value, ast.Constant):
        return False
    fields = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    before = unit.text
    unit.become(drop(unit.text, call, word))
    again = next((n for n in ast.walk(unit.tree) if isinstance(n, ast.ClassDef) and n.name == model.name), None)
    if len(fields) == len(call.args) and again is not None and checked_by_default(unit, again, fields):
        return True
    if word.value.value is True:
        unit.become(before)
        return False
    return True


def unprotected(unit: Unit, said: str) -> bool:
    """Let a model have fields whose names begin as its methods' do; return whether a message asks for that."""
    for model in (n for n in ast.walk(unit.tree) if isinstance(n, ast.ClassDef)):
        names = [s.target.id for s in model.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        has = any(isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "model_config" for s in model.body)
        spelt = Names(unit)
        maker = spelt.spell("pydantic.ConfigDict")
        if (
            has
            or maker is None
            or not any(f'Field "{name}"' in said or f'Field "{model.name}.{name}"' in said for name in names)
        ):
            continue
        first = next(s for s in model.body if not isinstance(s, ast.Expr))
        spot = Span(first.lineno, first.col_offset, first.lineno, first.col_offset)
        line = f"model_config = {maker}(protected_namespaces=())\n\n{' ' * first.col_offset}"
        unit.become(replace(unit.text, [(spot, line)]))
        with_imports(unit, spelt.imports)
        return True
    return False
