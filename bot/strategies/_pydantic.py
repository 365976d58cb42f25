"""Parts of pydantic models that version 2 writes in another form."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._classes import class_node
from bot.strategies._pydantic_fields import always
from bot.strategies._pydantic_forms import above, root_after, with_info
from bot.strategies._statements import dotted
from bot.strategies._text import Span, indent_of, newline_of, replace, source

_BASES = frozenset({"BaseModel", "BaseSettings", "GenericModel"})
# old key -> new key; `!` inverts the value. Keys that are gone without a successor are not here: their classes stay.
_KEYS = {
    "orm_mode": "from_attributes", "allow_population_by_field_name": "populate_by_name", "extra": "extra",
    "anystr_lower": "str_to_lower", "anystr_upper": "str_to_upper", "anystr_strip_whitespace": "str_strip_whitespace",
    "min_anystr_length": "str_min_length", "max_anystr_length": "str_max_length", "validate_all": "validate_default",
    "schema_extra": "json_schema_extra", "allow_mutation": "!frozen", "frozen": "frozen", "title": "title",
    "arbitrary_types_allowed": "arbitrary_types_allowed", "use_enum_values": "use_enum_values",
    "validate_assignment": "validate_assignment", "keep_untouched": "ignored_types", "json_encoders": "json_encoders",
    "alias_generator": "alias_generator", "env_prefix": "env_prefix", "env_file": "env_file",
    "env_file_encoding": "env_file_encoding", "case_sensitive": "case_sensitive",
    "env_nested_delimiter": "env_nested_delimiter", "secrets_dir": "secrets_dir",
}  # fmt: skip
# what version 2 always does: https://docs.pydantic.dev/latest/migration/#changes-to-config
_DROPPED = frozenset({"smart_union", "underscore_attrs_are_private", "copy_on_model_validation"})
_SETTINGS = frozenset(
    {"env_prefix", "env_file", "env_file_encoding", "case_sensitive", "env_nested_delimiter", "secrets_dir"}
)


def _is_model(node: ast.ClassDef, unit: Unit, codebase: Codebase, depth: int = 0) -> bool:
    for base in node.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        origin, name = unit.origin(plain), dotted(plain).rpartition(".")[2]
        if origin.partition(".")[0] in {"pydantic", "pydantic_settings"} and name in _BASES:
            return True
        found = class_node(name, codebase) if depth < 5 and name else None
        if found and found[1] is not node and _is_model(found[1], Unit(codebase.text(found[0])), codebase, depth + 1):
            return True
    return False


def _models(unit: Unit, codebase: Codebase) -> Iterator[ast.ClassDef]:
    for node in ast.walk(unit.tree):
        if isinstance(node, ast.ClassDef) and _is_model(node, unit, codebase):
            yield node


def _settings_of(config: ast.ClassDef, unit: Unit) -> list[str] | None:
    """Return the arguments of the new configuration, None when a key has no successor."""
    found: list[str] = []
    for statement in config.body:
        if isinstance(statement, ast.Pass | ast.Expr):
            continue
        if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) in _DROPPED:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        new = _KEYS.get(target.id, "") if isinstance(target, ast.Name) else ""
        if not isinstance(statement, ast.Assign) or not new:
            return None
        value = source(unit.text, statement.value)
        if new.startswith("!"):
            if value not in {"True", "False"}:
                return None
            value = "False" if value == "True" else "True"
        if new == "extra":
            value = {"Extra.forbid": '"forbid"', "Extra.ignore": '"ignore"', "Extra.allow": '"allow"'}.get(value, value)
        found.append(f"{new.removeprefix('!')}={value}")
    return found


def configured(unit: Unit, codebase: Codebase) -> bool:
    """Rewrite one inner `Config` class; return whether there was one that has an equal new form."""
    for model in _models(unit, codebase):
        config = next((s for s in model.body if isinstance(s, ast.ClassDef) and s.name == "Config"), None)
        given = _settings_of(config, unit) if config and not config.bases else None
        if config is None or given is None:
            continue
        settings = any(one.partition("=")[0] in _SETTINGS for one in given)
        names = Names(unit)
        maker = names.spell("pydantic_settings.SettingsConfigDict" if settings else "pydantic.ConfigDict")
        if maker is None:
            continue
        lines, end = split_lines(unit.text), newline_of(unit.text)
        line = f"{indent_of(lines[config.lineno - 1])}model_config = {maker}({', '.join(given)}){end}"
        unit.become("".join([*lines[: config.lineno - 1], line, *lines[config.end_lineno or config.lineno :]]))
        with_imports(unit, names.imports)
        return True
    return False


def decorated(unit: Unit, codebase: Codebase) -> bool:
    """Rewrite one old validator; return whether there was one that has an equal new form."""
    for model in _models(unit, codebase):
        for method in (s for s in model.body if isinstance(s, ast.FunctionDef)):
            for decorator in method.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                origin = unit.origin(call.func if call else decorator)
                old = origin in {"pydantic.validator", "pydantic.root_validator"}
                if old and always(unit, model, decorator):
                    return True
                if old and _modernised(unit, method, decorator, origin):
                    return True
    return False


def _modernised(unit: Unit, method: ast.FunctionDef, decorator: ast.expr, origin: str) -> bool:
    words = {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    pre = words.pop("pre", None)
    early = isinstance(pre, ast.Constant) and pre.value is True
    for harmless in ("allow_reuse", "skip_on_failure"):
        words.pop(harmless, None)
    if words:
        return False
    if origin.endswith("root_validator"):
        return _early_root(unit, method, decorator) if early else root_after(unit, method, decorator)
    informed = with_info(unit, method)
    names = Names(unit)
    maker = names.spell("pydantic.field_validator")
    if maker is None or informed is None or not isinstance(decorator, ast.Call):
        return False
    given = [*(source(unit.text, a) for a in decorator.args), *(['mode="before"'] if early else [])]
    _decorate(unit, method, [(decorator, f"{maker}({', '.join(given)})"), *informed])
    with_imports(unit, names.imports)
    return True


def _early_root(unit: Unit, method: ast.FunctionDef, decorator: ast.expr) -> bool:
    names = Names(unit)
    maker = names.spell("pydantic.model_validator")
    if maker is None or len(method.args.args) != 2 or method.args.kwarg or method.args.vararg:
        return False
    _decorate(unit, method, [(decorator, f'{maker}(mode="before")')])
    with_imports(unit, names.imports)
    return True


def _decorate(unit: Unit, method: ast.FunctionDef, changes: list[tuple[Span | ast.AST, str]]) -> None:
    """Make the changes to a validator, which version 2 wants to be a class method."""
    has = any(dotted(one) == "classmethod" for one in method.decorator_list)
    unit.become(replace(unit.text, changes))
    if not has:
        above(unit, method, "@classmethod")


def with_defaults(unit: Unit, codebase: Codebase) -> bool:
    """Give optional fields the default None that version 1 gave them; return whether any lacked it."""
    spots: list[tuple[Span | ast.AST, str]] = []
    for model in _models(unit, codebase):
        for field in (s for s in model.body if isinstance(s, ast.AnnAssign) and s.value is None):
            annotation = source(unit.text, field.annotation).strip("'\"")
            if annotation.startswith(("Optional[", "typing.Optional[")) or annotation.endswith("| None"):
                line, column = field.end_lineno or 0, field.end_col_offset or 0
                spots.append((Span(line, column, line, column), " = None"))
    if spots:
        unit.become(replace(unit.text, spots))
    return bool(spots)
