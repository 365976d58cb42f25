"""The classes, and the cases of each: made anew each time, at least twelve that differ in what is broken and how."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from bench.ciclasses.case import Case
from bench.ciclasses.kept import kept
from bench.ciclasses.needs import conflict, missing, packages
from bench.ciclasses.pages import examples, workflows
from bench.ciclasses.ports import deprecations, models, numbers, pytests, removals
from bench.ciclasses.quality import layout, ruff, types
from bench.ciclasses.shapes_more import more_layout, more_missing, more_numbers, more_removals, more_ruff
from bench.ciclasses.shapes_needs import shaped_conflict, shaped_missing, shaped_packages
from bench.ciclasses.shapes_pages import shaped_pages, shaped_workflows
from bench.ciclasses.shapes_ports import (
    shaped_models,
    shaped_numbers,
    shaped_removals,
    shaped_tests,
    shaped_warnings,
)
from bench.ciclasses.shapes_quality import shaped_layout, shaped_ruff, shaped_types

Cases = Callable[[], Iterator[Case]]


def _all(*parts: Cases) -> Cases:
    return lambda: itertools.chain.from_iterable(part() for part in parts)


def _kept(klass: str) -> Cases:
    return lambda: kept(klass)


CLASSES: dict[str, Cases] = {
    "ruff": _all(ruff, shaped_ruff, more_ruff, _kept("ruff")),
    "format": _all(layout, shaped_layout, more_layout),
    "mypy": _all(types, shaped_types, _kept("mypy")),
    "missing-dependency": _all(missing, shaped_missing, more_missing),
    "conflict": _all(conflict, shaped_conflict, _kept("conflict")),
    "numpy": _all(numbers, shaped_numbers, more_numbers),
    "pydantic": _all(models, shaped_models, _kept("pydantic")),
    "pytest": _all(pytests, shaped_tests, _kept("pytest")),
    "cpython": _all(removals, shaped_removals, more_removals),
    "warnings": _all(deprecations, shaped_warnings, _kept("warnings")),
    "workflow": _all(workflows, shaped_workflows, _kept("workflow")),
    "packaging": _all(packages, shaped_packages, _kept("packaging")),
    "docs": _all(examples, shaped_pages, _kept("docs")),
}
