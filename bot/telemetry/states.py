"""Recorded state against the rules it came with: frozen fields, invariants, and handlers declared to change nothing.

An event's context may hold `state` (what the state is now), `frozen` (dotted fields that keep their value for the whole
execution) and `invariants` (comparisons over the state's fields, such as `total >= 0`). A handler that a sequence
declares `pure` leaves the state as it was from its start to its end.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from bot.model import NormalizedEvent, StateChange
from bot.telemetry.normal import COMPLETED, STARTED

RULES = 50  # frozen fields and invariants looked at in one event
LONGEST = 200  # characters of an invariant, and of a value shown
State = Mapping[str, Any]
_MISSING = object()


@dataclass
class Held:
    """The state of one execution: the first value of each frozen field, and the state when each beat started."""

    frozen: dict[str, Any] = field(default_factory=dict)
    started: dict[str, State] = field(default_factory=dict)


def changes(event: NormalizedEvent, held: Held, *, pure: bool) -> Iterator[StateChange]:
    """Yield each rule that the event's state breaks, and remember in `held` what later events are compared with."""
    context = event.context or {}
    state = context.get("state")
    if not isinstance(state, dict):
        return
    yield from _frozen(event, _texts(context.get("frozen")), state, held)
    for rule in _texts(context.get("invariants")):
        if holds(rule, state) is False:
            yield _change(event, "invariant", rule, None, state)
    if event.event == STARTED:
        held.started[event.handler] = state
    elif event.event == COMPLETED and pure:
        before = held.started.pop(event.handler, None)
        if before is not None and before != state:
            name = next((key for key in sorted({*before, *state}) if before.get(key) != state.get(key)), "")
            yield _change(event, "pure", name, before.get(name), state.get(name))


def _frozen(event: NormalizedEvent, fields: tuple[str, ...], state: State, held: Held) -> Iterator[StateChange]:
    for name in dict.fromkeys((*held.frozen, *fields)):
        value = _at(state, name)
        if value is _MISSING:
            continue
        first = held.frozen.setdefault(name, value) if len(held.frozen) < RULES else held.frozen.get(name, value)
        if first != value:
            yield _change(event, "frozen", name, first, value)
            held.frozen[name] = value  # told once, where it changed


def _texts(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    return tuple(text for text in found[:RULES] if isinstance(text, str) and len(text) <= LONGEST)


def _at(state: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(state, dict) or part not in state:
            return _MISSING
        state = state[part]
    return state


def _change(event: NormalizedEvent, rule: Any, name: str, before: object, after: object) -> StateChange:
    return StateChange(
        handler=event.handler,
        rule=rule,
        field=name,
        before=_shown(before),
        after=_shown(after),
        execution=event.execution,
    )


def _shown(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")[:LONGEST]


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
_REDUCE: dict[str, Callable[[Any], Any]] = {"len": len, "sum": sum, "min": min, "max": max, "abs": abs}


@lru_cache(maxsize=1024)
def _parsed(rule: str) -> ast.expr | None:
    try:
        return ast.parse(rule, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def holds(rule: str, state: State) -> bool | None:
    """Return whether a rule such as `total >= 0 and len(items) > 0` holds, None when it can't be told.

    Only fields, constants, comparisons, and/or/not, + and -, and len/sum/min/max/abs are known: nothing is run.
    """
    tree = _parsed(rule)
    try:
        return bool(_value(tree, state)) if tree is not None else None
    except (_Unknown, TypeError, ValueError, OverflowError, RecursionError):
        return None


class _Unknown(Exception):
    """A rule holds something that is not known, or names a field that is not there."""


def _value(node: ast.expr, state: State) -> Any:
    work = _VALUES.get(type(node))
    if work is None:
        raise _Unknown
    return work(node, state)


def _joined(node: ast.BoolOp, state: State) -> bool:
    found = (_value(part, state) for part in node.values)
    return all(found) if isinstance(node.op, ast.And) else any(found)


def _signed(node: ast.UnaryOp, state: State) -> Any:
    value = _value(node.operand, state)
    return not value if isinstance(node.op, ast.Not) else -value


def _sum(node: ast.BinOp, state: State) -> Any:
    if not isinstance(node.op, (ast.Add, ast.Sub)):
        raise _Unknown
    left, right = _value(node.left, state), _value(node.right, state)
    return left + right if isinstance(node.op, ast.Add) else left - right


def _reduced(node: ast.Call, state: State) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _REDUCE or len(node.args) != 1:
        raise _Unknown
    return _REDUCE[name](_value(node.args[0], state))


def _field(node: ast.Name | ast.Attribute, state: State) -> Any:
    value = _at(state, ast.unparse(node))
    if value is _MISSING:
        raise _Unknown
    return value


def _compared(node: ast.Compare, state: State) -> bool:
    values = [_value(part, state) for part in (node.left, *node.comparators)]
    for kind, left, right in zip(node.ops, values, values[1:], strict=False):
        if type(kind) not in _COMPARE:
            raise _Unknown
        if not _COMPARE[type(kind)](left, right):
            return False
    return True


_VALUES: dict[type[ast.expr], Callable[[Any, State], Any]] = {
    ast.Constant: lambda node, _: node.value,
    ast.Name: _field,
    ast.Attribute: _field,
    ast.BoolOp: _joined,
    ast.UnaryOp: _signed,
    ast.BinOp: _sum,
    ast.Compare: _compared,
    ast.Call: _reduced,
}
