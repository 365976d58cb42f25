"""Pages on handlers, sequences and tests of a repository, made from its code, its tests and its telemetry."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot import markdown
from bot.causes.locate import function_node
from bot.codebase import Codebase, Symbol
from bot.codebase.claims import block
from bot.detectors._reach import Reach
from bot.model import Sequence, TelemetryMetrics
from bot.telemetry.orders import declared_order
from bot.views import flow

NOTE = "<!-- Made by `selfheal docs` from code, tests and telemetry. -->"
_UNSAFE = re2.compile(r"[^A-Za-z0-9._-]+")
MOST = 2_000  # handlers that get a page


@dataclass(frozen=True)
class Known:
    """What the pages are made from."""

    codebase: Codebase
    declared: tuple[Sequence, ...]
    metrics: TelemetryMetrics


@dataclass(frozen=True)
class Handler:
    """One function that gets a page: its name in telemetry or sequences, and where it is defined, when it is."""

    name: str
    symbol: Symbol | None


def pages(known: Known) -> dict[str, str]:
    """Return all pages by path: the index, one for each handler and sequence, and one on the tests."""
    handlers = list(_handlers(known))[:MOST]
    made = {f"handlers/{_file(one.name)}": _handler_page(one, known) for one in handlers}
    names = [*(one.id for one in known.declared), *known.metrics.sequences]
    made |= {f"sequences/{_file(name)}": _sequence_page(name, known) for name in dict.fromkeys(names)}
    made["tests.md"] = _tests_page(known)
    return {"index.md": _index(made, handlers), **made}


def _file(name: str) -> str:
    return f"{_UNSAFE.sub('-', name).strip('.-')[:120] or 'unnamed'}.md"


def _handlers(known: Known) -> Iterator[Handler]:
    """Yield what sequences and telemetry name as handlers; without either, the project's public functions."""
    reach = Reach(known.codebase, known.metrics.executed)
    named = [beat.handler for sequence in known.declared for beat in sequence.beats]
    named += [name for name, one in known.metrics.handlers.items() if not one.test]
    for name in dict.fromkeys(named):
        yield Handler(name, reach.function(name))
    for path in known.codebase.python_files if not named else ():
        for symbol in () if known.codebase.is_test(path) else known.codebase.symbols(path):
            if symbol.kind in ("function", "method") and not symbol.name.startswith("_"):
                yield Handler(f"{known.codebase.module_name(path)}.{symbol.qualname}", symbol)


def _handler_page(one: Handler, known: Known) -> str:
    parts = [NOTE, f"# {markdown.code(one.name)}", _defined(one.symbol, known.codebase)]
    inside = [sequence.id for sequence in known.declared if one.name in declared_order(sequence)]
    inside += [name for name, found in known.metrics.sequences.items() if one.name in found.beats]
    links = [f"- [{markdown.plain(name)}](../sequences/{_file(name)})" for name in dict.fromkeys(inside)]
    parts += ["## Sequences\n\n" + "\n".join(links)] if links else []
    parts += ["## Tests\n\n" + _tested(one, known), _measured(one.name, known.metrics)]
    return "\n\n".join(part for part in parts if part).rstrip("\n") + "\n"


def _defined(symbol: Symbol | None, codebase: Codebase) -> str:
    node = function_node(codebase, symbol) if symbol else None
    if symbol is None or node is None:
        return "No function of this name was found in the code."
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    signature = markdown.fence(f"{word} {node.name}({ast.unparse(node.args)}){returns}", language="python")
    docs = markdown.fence(ast.get_docstring(node) or "", language="text") if ast.get_docstring(node) else ""
    place = f"Defined in {markdown.code(f'{symbol.file}:{symbol.line}')}."
    return "\n\n".join(part for part in (signature, docs, place) if part)


def _tested(one: Handler, known: Known) -> str:
    last = one.name.rpartition(".")[2]
    naming = [
        path for path in known.codebase.python_files if known.codebase.is_test(path) and last in _words(path, known)
    ]
    if naming:
        return "Named in:\n\n" + "\n".join(f"- {markdown.code(path)}" for path in naming[:20])
    reached = one.symbol is not None and Reach(known.codebase, known.metrics.executed).covers(one.symbol)
    return "Reached through other functions." if reached else "No test names it or anything that calls it."


def _words(path: str, known: Known) -> set[str]:
    return set(_UNSAFE.sub(" ", known.codebase.text(path)).replace(".", " ").split())


def _measured(name: str, metrics: TelemetryMetrics) -> str:
    found = metrics.handlers.get(name)
    if found is None:
        return ""
    head = ("executions", "median ms", "p95 ms", "p99 ms", "errors", "last seen")
    times = (f"{value:.3g}" for value in (found.p50, found.p95Time, found.p99Time))
    row = (f"{found.count:,}", *times, f"{found.errorRate:.1%}", markdown.code(found.lastSeen))
    errors = sorted({one.exception or "error" for one in metrics.errors if one.handler == name})
    return "## Telemetry\n\n" + markdown.table(head, (row,)) + "\n\n" + block("errors", name, tuple(errors))


def _sequence_page(name: str, known: Known) -> str:
    declared = next((one for one in known.declared if one.id == name), None)
    found = known.metrics.sequences.get(name)
    parts = [NOTE, f"# {markdown.plain(declared.name if declared else name)}"]
    parts += [markdown.plain(declared.description)] if declared and declared.description else []
    order = declared_order(declared) if declared else found.beats if found else ()
    parts.append("## Order\n\n" + block("order", name, order))
    if found is not None:
        only = known.metrics.model_copy(update={"sequences": {name: found}})
        parts.append("## Seen\n\n" + flow.markdown(flow.data(only, known.declared)))
    return "\n\n".join(parts).rstrip("\n") + "\n"


def _tests_page(known: Known) -> str:
    rows = []
    for path in known.codebase.python_files:
        if known.codebase.is_test(path):
            tests = [one for one in known.codebase.symbols(path) if one.name.startswith("test") and one.kind != "class"]
            own = {name for one in known.codebase.imports(path) for name in (one.module,) if name}
            modules = sorted(own & set(known.codebase.modules))
            rows.append((markdown.code(path), str(len(tests)), ", ".join(map(markdown.code, modules)) or "-"))
    body = markdown.table(("file", "tests", "modules"), tuple(rows), most=500) if rows else "There are no tests."
    return f"{NOTE}\n\n# Tests\n\n{body}\n"


def _index(made: dict[str, str], handlers: list[Handler]) -> str:
    names = {f"handlers/{_file(one.name)}": one.name for one in handlers}
    lines = [f"- [{markdown.plain(names.get(path, path))}]({path})" for path in made]
    return f"{NOTE}\n\n# Contents\n\n" + "\n".join(lines) + "\n"
