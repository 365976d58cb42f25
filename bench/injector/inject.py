"""Chooses faults: reproducibly by seed, kind after kind, spread over the functions of a project."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable, Iterator, Mapping

from bench.injector import logic, pace, slips, state, world
from bench.injector.values import Change, Fault, Function, Source, functions, right_lines
from bot.codebase import is_test_path
from bot.model import AnomalyType

InFunction = Callable[[Source, Function], Iterator[Change]]
InFile = Callable[[Source, random.Random], Iterator[Change]]
InProject = Callable[[dict[str, str], random.Random], Iterator[Fault]]

IN_FUNCTIONS: dict[str, tuple[AnomalyType, InFunction]] = {
    "comparison": ("error", logic.comparison),
    "operator": ("error", logic.operator),
    "off-by-one": ("error", logic.off_by_one),
    "wrong-name": ("error", logic.wrong_name),
    "missing-return": ("error", logic.missing_return),
    "swapped-arguments": ("error", logic.swapped_arguments),
    "removed-guard": ("error", logic.removed_guard),
    "removed-statement": ("error", logic.removed_statement),
    "error-type": ("error", logic.error_type),
    "negated": ("error", logic.negated),
    "constant": ("error", logic.constant),
    "wrong-attribute": ("error", logic.wrong_attribute),
    "mutable-default": ("state", state.mutable_default),
    "shared-attribute": ("state", state.shared_attribute),
    "invariant-in-loop": ("performance", pace.invariant_in_loop),
    "repeated-call": ("performance", pace.repeated_call),
    "recompiled": ("performance", pace.recompiled),
    "lost-cache": ("performance", pace.lost_cache),
    "swapped-calls": ("behavioral", pace.swapped_calls),
    "lost-call": ("behavioral", pace.lost_call),
}
IN_FILES: dict[str, tuple[AnomalyType, InFile]] = {
    "undeclared-import": ("dependency", world.undeclared_import),
    "removed-import": ("dependency", world.removed_import),
    "docstring-parameter": ("documentation", world.docstring_parameter),
}
IN_PROJECTS: dict[str, tuple[AnomalyType, InProject]] = {
    "broken-example": ("documentation", world.broken_example),
    "lost-tests": ("coverage", world.lost_tests),
}
KINDS: dict[str, AnomalyType] = {
    name: found[0] for table in (IN_FUNCTIONS, IN_FILES, IN_PROJECTS) for name, found in table.items()
}
SLIPS_IN_FUNCTIONS: dict[str, tuple[AnomalyType, InFunction]] = {
    "changed-default": ("error", slips.changed_default),
    "lost-await": ("error", slips.lost_await),
    "stale-cache": ("state", slips.stale_cache),
    "list-for-set": ("performance", slips.list_for_set),
}
SLIPS_IN_FILES: dict[str, tuple[AnomalyType, InFile]] = {"wrong-import": ("dependency", slips.wrong_import)}
SLIPS_IN_PROJECTS: dict[str, tuple[AnomalyType, InProject]] = {
    "stale-keyword": ("documentation", slips.stale_keyword),
    "stale-name": ("documentation", slips.stale_name),
    "lost-test-file": ("coverage", slips.lost_test_file),
}
SLIPS: dict[str, AnomalyType] = {
    name: found[0] for table in (SLIPS_IN_FUNCTIONS, SLIPS_IN_FILES, SLIPS_IN_PROJECTS) for name, found in table.items()
}
"""Further kinds, asked for by name (`--kinds slips`): the figures of `KINDS` stay comparable without them."""
IN_FUNCTIONS |= SLIPS_IN_FUNCTIONS
IN_FILES |= SLIPS_IN_FILES
IN_PROJECTS |= SLIPS_IN_PROJECTS
ALL = KINDS | SLIPS
LOGIC = tuple(name for name, (kind, _) in IN_FUNCTIONS.items() if kind == "error")
SKIPPED = frozenset({"setup.py", "conf.py", "conftest.py", "noxfile.py", "tasks.py"})
ASIDE = frozenset({"docs", "doc", "examples", "benchmarks"})


def inject(
    files: Mapping[str, str], kinds: Iterable[str] = tuple(KINDS), *, seed: int = 0, only: Iterable[str] = ()
) -> Iterator[Fault]:
    """Yield faults without end of the project's own code, one of each kind in turn, until no kind has another.

    `files` are the project's texts by POSIX path. Test files are not touched but by `lost-tests`; `only` names the
    files that may be changed. Whether a fault shows (fails a test, slows something) is for the caller to see. The
    same arguments give the same faults. Raises `KeyError` for an unknown kind.
    """
    texts = dict(files)
    sources = [*_sources(texts, frozenset(only))]
    turns = [(kind, _of(kind, sources, texts, random.Random(f"{seed}:{kind}"))) for kind in kinds]
    while turns:
        left = []
        for kind, faults in turns:
            fault = next(faults, None)
            if fault is not None:
                yield fault
                left.append((kind, faults))
        turns = left


def _sources(files: dict[str, str], only: frozenset[str]) -> Iterator[Source]:
    for path in sorted(files):
        own = path.endswith(".py") and not is_test_path(path) and path.rpartition("/")[2] not in SKIPPED
        if (
            own
            and path.partition("/")[0] not in {"docs", "doc", "examples", "benchmarks"}
            and (not only or path in only)
        ):
            try:
                yield Source(path, files[path], ast.parse(files[path]), files)
            except (SyntaxError, ValueError):
                continue


def _of(kind: str, sources: list[Source], files: dict[str, str], chance: random.Random) -> Iterator[Fault]:
    if kind in IN_PROJECTS:
        yield from IN_PROJECTS[kind][1](files, chance)
        return
    places: list[tuple[Source, str, Function | None]]
    if kind in IN_FILES:
        places = [(source, "", None) for source in sources]
    else:
        places = [(source, name, one) for source in sources for name, one, _ in functions(source.tree)]
    chance.shuffle(places)
    rounds = [_changes(kind, source, one, chance) for source, _, one in places]
    for turn in range(max(map(len, rounds), default=0)):
        for (source, name, _), changes in zip(places, rounds, strict=True):
            fault = _fault(kind, source, name, changes[turn]) if turn < len(changes) else None
            if fault:
                yield fault


def _changes(kind: str, source: Source, function: Function | None, chance: random.Random) -> list[Change]:
    found = [*IN_FUNCTIONS[kind][1](source, function)] if function is not None else [*IN_FILES[kind][1](source, chance)]
    chance.shuffle(found)
    return found


def _fault(kind: str, source: Source, function: str, change: Change) -> Fault | None:
    text = change.applied(source.text)
    try:
        ast.parse(text)
        lines = right_lines(text, change.place())
    except (SyntaxError, ValueError):
        return None
    inside = function or _around(text, lines[0])
    return Fault(kind, ALL[kind], source.path, inside, lines, {source.path: text}, change.said)


def _around(text: str, line: int) -> str:
    held = [(one.lineno, name) for name, one, _ in functions(ast.parse(text)) if one.lineno <= line <= one.end_lineno]  # type: ignore[operator]
    return max(held)[1] if held else ""
