"""Units registered by being there: a handler is a function, everything else is a small file.

The name of a handler is its function's name; the name of a parser, detector, strategy, rule or gate is its module's.
Modules whose name starts with an underscore or ends in `_base` are helpers and hold no unit.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from bot.errors import Misconfigured

F = TypeVar("F", bound=Callable[..., Any])
FOLDERS = {
    "handler": "bot.stages",
    "parser": "bot.parsers",
    "detector": "bot.detectors",
    "strategy": "bot.strategies",
    "rule": "bot.rules",
    "gate": "bot.gates",
    "operator": "bot.search.operators",
}


@dataclass(frozen=True)
class Unit:
    """One registered unit: its name, what it does in one line, the function, and its declared properties."""

    kind: str
    name: str
    summary: str
    doc: str
    function: Callable[..., Any]
    module: str
    about: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the unit's function."""
        return self.function(*args, **kwargs)


_units: dict[str, dict[str, Unit]] = {kind: {} for kind in FOLDERS}


def _register(kind: str, name: str, function: Callable[..., Any], doc: str, about: dict[str, Any]) -> None:
    if not doc:
        raise Misconfigured(f"{kind} {name} has no docstring", hint="Say in one line what it does.")
    known = _units[kind].get(name)
    if known is not None and known.module != function.__module__:
        raise Misconfigured(f"{kind} {name} is registered by {known.module} and {function.__module__}")
    summary = doc.strip().splitlines()[0]
    _units[kind][name] = Unit(kind, name, summary, doc, function, function.__module__, about)


def handler(*, returns: str | tuple[str, ...]) -> Callable[[F], F]:
    """Return a decorator that registers a handler whose result is stored under `returns`."""

    def decorate(function: F) -> F:
        names = (returns,) if isinstance(returns, str) else returns
        _register("handler", function.__name__, function, inspect.getdoc(function) or "", {"returns": names})
        return function

    return decorate


def _module_unit(kind: str, about: dict[str, Any]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        name = function.__module__.rpartition(".")[2]
        doc = inspect.getdoc(inspect.getmodule(function)) or inspect.getdoc(function) or ""
        _register(kind, name, function, doc, about)
        return function

    return decorate


def parser(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers the parser of one log or report dialect."""
    return _module_unit("parser", about)


def detector(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers the detector of one anomaly type."""
    return _module_unit("detector", about)


def strategy(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers a repair: `causes`, `trust` and what it `touches` are declared here."""
    return _module_unit("strategy", about)


def rule(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers one approval rule."""
    return _module_unit("rule", about)


def operator(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers one kind of edit: the `nodes` it applies to and its `share` of all fixes."""
    return _module_unit("operator", about)


def gate(**about: Any) -> Callable[[F], F]:
    """Return a decorator that registers one rule of the diff gate."""
    return _module_unit("gate", about)


@cache
def _walk(kind: str) -> None:
    package = importlib.import_module(FOLDERS[kind])
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("_") and not found.name.endswith("_base"):
            importlib.import_module(f"{package.__name__}.{found.name}")


def units(kind: str) -> dict[str, Unit]:
    """Return all units of a kind by name, in alphabetical order (handlers: in the order of their modules)."""
    _walk(kind)
    found = _units[kind]
    return dict(found) if kind == "handler" else dict(sorted(found.items()))


def unit(kind: str, name: str) -> Unit:
    """Return one unit; raises `Misconfigured` with the nearest names when there is none."""
    found = units(kind)
    if name not in found:
        import difflib

        near = difflib.get_close_matches(name, found, n=3)
        raise Misconfigured(
            f"there is no {kind} named {name!r}", hint=f"Did you mean {', '.join(near)}?" if near else ""
        )
    return found[name]
