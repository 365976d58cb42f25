"""Port pydantic models to version 2: `Config`, validators, `Optional` fields, renamed methods and keywords.

What has one equal form in version 2 is rewritten in every file with models; the rest is left for a person. After the
migration guide of pydantic (https://docs.pydantic.dev/latest/migration/).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._keywords import rename_keyword
from bot.strategies._porting import port, proposal
from bot.strategies._pydantic import configured, decorated, with_defaults
from bot.strategies._pydantic_fields import annotated, fields_read, literal, unprotected
from bot.strategies._pydantic_forms import rooted
from bot.strategies._rewrites import move, rewrite_calls
from bot.strategies._tables import applies, calls, keywords, methods, moves
from bot.strategies._text import attribute_span, replace
from bot.strategies._workflows import told


def _renamed(unit: Unit) -> bool:
    """Port the names, calls, keywords and telling methods of the tables."""
    text = unit.text
    for row in (*moves(), *calls()):
        if row.library == "pydantic":
            if row.template:
                rewrite_calls(unit, row.template)
            else:
                move(unit, row.old, row.new)
    for keyword in (row for row in keywords() if row.library == "pydantic" and row.becomes):
        for call in (n for n in ast.walk(unit.tree) if isinstance(n, ast.Call) and unit.origin(n.func) in keyword.apis):
            word = next((k for k in call.keywords if k.arg == keyword.name), None)
            if word and (not keyword.value or ast.unparse(word.value) == keyword.value):
                unit.become(rename_keyword(unit.text, word, keyword.becomes))
                break
    for method in (row for row in methods() if row.library == "pydantic" and row.sure and row.new):
        named = [n for n in ast.walk(unit.tree) if isinstance(n, ast.Attribute) and n.attr == method.name]
        found = [node for node in named if not unit.origin(node.value)]
        if found:
            unit.become(replace(unit.text, [(attribute_span(node), method.new) for node in found]))
    return unit.text != text


_SPEAKS = (
    "pydantic",
    "validation error",
    "field required",
    "'fieldinfo' object",
    "__fields__",
    "model_fields",
    "protected namespace",
)
_OLD = re2.compile(
    r"(?m)^\s+(?:allow_mutation|orm_mode|schema_extra|anystr_\w+|validate_all|min_anystr_length|max_anystr_length"
    r"|allow_population_by_field_name|keep_untouched)\s*=|^\s+@(?:root_)?validator\b"
)


def _is_old(codebase: Codebase) -> bool:
    """Return whether the project's models are still written for version 1, so that they silently do less."""
    texts = (codebase.text(path) for path in codebase.python_files)
    return any("pydantic" in text and _OLD.search(text) for text in texts)


@strategy(
    causes=("import-error", "test-failure", "removed-api", "error", "dependency", "type"), trust="glance", prior=0.96
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port of all models, when an error comes from pydantic and version 2 is installed."""
    said = told(diagnosis, codebase).lower()
    exceptions = " ".join(failure.exception or "" for failure in diagnosis.failures).lower()
    speaks = any(words in said + exceptions for words in _SPEAKS) or _is_old(codebase)
    if not speaks or not applies("pydantic", "2.0", codebase):
        return
    done: list[str] = []

    def change_all(unit: Unit, path: str) -> bool:
        text = unit.text
        _renamed(unit)
        whole = told(diagnosis, codebase)
        annotated(unit, whole)
        unprotected(unit, whole)
        while literal(unit) or fields_read(unit):
            continue
        while configured(unit, codebase) or decorated(unit, codebase) or rooted(unit):
            continue
        with_defaults(unit, codebase)
        done.extend([path] if unit.text != text else [])
        return unit.text != text

    edits = port(codebase, ("pydantic",), change_all)
    if edits:
        why = "pydantic 2 has another form for these; the migration guide says which."
        yield proposal("pydantic_v2", [f"the models of {path} to pydantic 2" for path in done], edits, 0.94, why)
