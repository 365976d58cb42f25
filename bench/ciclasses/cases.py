"""The classes, and the cases of each: made anew each time, at least twelve that differ in what is broken and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.ciclasses.case import Case
from bench.ciclasses.needs import conflict, missing, packages
from bench.ciclasses.pages import examples, workflows
from bench.ciclasses.ports import deprecations, models, numbers, pytests, removals
from bench.ciclasses.quality import layout, ruff, types

CLASSES: dict[str, Callable[[], Iterator[Case]]] = {
    "ruff": ruff,
    "format": layout,
    "mypy": types,
    "missing-dependency": missing,
    "conflict": conflict,
    "numpy": numbers,
    "pydantic": models,
    "pytest": pytests,
    "cpython": removals,
    "warnings": deprecations,
    "workflow": workflows,
    "packaging": packages,
    "docs": examples,
}
