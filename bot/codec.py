"""The results of a step as JSON text and back, by the types that the plan declares; large values go by reference."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args, get_origin

import msgspec
from pydantic import BaseModel

from bot.codebase import Codebase
from bot.conductor import OUTCOME, Stop
from bot.errors import Misconfigured
from bot.model import CodebaseInfo, Known, Waiting
from bot.ports import Store

INLINE_BYTES = 64 * 1024
VALUE_BYTES = 4 * 1024
REFERENCE = "$ref"
ENDINGS: dict[str, Any] = {"known": Known, "waiting": Waiting, "stop": Stop}


@dataclass(frozen=True)
class TypedCodec:
    """Encodes results by name with the declared types; `store` keeps what is too large for a step's record."""

    types: Mapping[str, Any]
    store: Store

    def dump(self, results: Mapping[str, object]) -> str:
        """Return the results as JSON text of at most 64 KB; larger values are stored and stand as references."""
        plain = {
            name: ending(value) if name == OUTCOME else encode(value, self.types[name])
            for name, value in results.items()
        }
        text = json.dumps(plain)
        if len(text) <= INLINE_BYTES:
            return text
        return json.dumps({name: self._outside(value) for name, value in plain.items()})

    def _plain(self, name: str, value: object) -> Any:
        return ending(value) if name == OUTCOME else encode(value, self.types[name])

    def _outside(self, value: object) -> object:
        text = json.dumps(value)
        return {REFERENCE: self.store.keep(text.encode())} if len(text) > VALUE_BYTES else value

    def load(self, text: str) -> dict[str, object]:
        """Return the results again; raises `Misconfigured` when a stored value is gone."""
        found: dict[str, Any] = json.loads(text)
        return {name: self._inside(name, value) for name, value in found.items()}

    def _inside(self, name: str, value: Any) -> object:
        if isinstance(value, dict) and set(value) == {REFERENCE}:
            value = json.loads(self.store.fetch(value[REFERENCE]).read_bytes())
        return ended(value) if name == OUTCOME else decode(value, self.types[name])


def ending(value: object) -> dict[str, Any]:
    """Return how a run ended as plain data."""
    if isinstance(value, Stop):
        return {"stop": asdict(value)}
    if isinstance(value, Known):
        return {"known": value.model_dump(mode="json")}
    if isinstance(value, Waiting):
        return {"waiting": value.model_dump(mode="json")}
    raise TypeError(f"a run can't end with {value!r}")


def ended(data: Mapping[str, Any]) -> object:
    """Return how a run ended, from plain data."""
    ((kind, fields),) = data.items()
    return ENDINGS[kind](**fields)


def encode(value: Any, kind: Any) -> Any:
    """Return a value of a declared type as plain data."""
    return _of(kind)[0](value)


def decode(data: Any, kind: Any) -> Any:
    """Return plain data as a value of a declared type."""
    return _of(kind)[1](data)


Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _of(kind: Any) -> Pair:
    if get_origin(kind) is tuple:
        return _tuple(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return (lambda v: v.model_dump(mode="json", by_alias=True)), kind.model_validate
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return msgspec.to_builtins, lambda data: msgspec.convert(data, kind)
    if kind is Codebase:
        return (lambda v: v.info.model_dump(mode="json")), lambda data: Codebase(CodebaseInfo.model_validate(data))
    if kind in (str, int, float, bool):
        return (lambda v: v), kind
    raise Misconfigured(f"a step can't store a {kind}", hint="Give it a frozen model.")


def _tuple(kind: Any) -> Pair:
    parts = get_args(kind)
    if len(parts) == 2 and parts[1] is Ellipsis:
        put, take = _of(parts[0])
        return (lambda v: [put(one) for one in v]), lambda data: tuple(take(one) for one in data)
    pairs = [_of(part) for part in parts]
    return (
        lambda v: [put(one) for (put, _), one in zip(pairs, v, strict=True)],
        lambda data: tuple(take(one) for (_, take), one in zip(pairs, data, strict=True)),
    )
