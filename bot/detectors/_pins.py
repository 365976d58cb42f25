"""Releases that break on their own import: told by the traceback, and by the pin that keeps the project on them."""

from __future__ import annotations

import ast
from dataclasses import replace

from packaging.requirements import InvalidRequirement, Requirement

from bot.codebase import Codebase
from bot.codebase.metadata import Dependency
from bot.detectors._seen import Finding
from bot.model import Failure, Frame

_INSTALLED = ("site-packages/", "dist-packages/")


def broken_inside(failure: Failure, codebase: Codebase) -> str:
    """Return the top module of the installed package that an import broke in, '' unless the project only imports it.

    The innermost frame is the package's, and the innermost frame of the project stands on an import statement.
    """
    if failure.klass != "import-error" or not failure.frames:
        return ""
    own = [frame for frame in failure.frames if frame.project and frame.file in codebase.files]
    return _top(failure.frames[-1].file) if own and _imports(own[-1], codebase) else ""


def _top(file: str) -> str:
    for mark in _INSTALLED:
        _, found, inside = file.replace("\\", "/").rpartition(mark)
        if found:
            return inside.partition("/")[0].removesuffix(".py")
    return ""


def _imports(frame: Frame, codebase: Codebase) -> bool:
    tree = codebase.tree(frame.file)
    return any(
        node.lineno <= frame.line <= (node.end_lineno or node.lineno)
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def pinned(finding: Finding, codebase: Codebase) -> Finding:
    """Return the finding, with the pin said when its failures break inside of a release the project is pinned to."""
    for failure in finding.failures:
        top = broken_inside(failure, codebase)
        name = codebase.distributions.of(top) if top else ""
        for one in codebase.metadata.dependencies if name else ():
            version = _pin(one) if one.name == name else ""
            if version:
                return _said(finding, one, version)
    return finding


def _pin(one: Dependency) -> str:
    try:
        specifiers = Requirement(one.requirement).specifier
    except InvalidRequirement:
        return ""
    exact = (s.version for s in specifiers if s.operator in ("==", "===") and not s.version.endswith(".*"))
    return next(exact, "")


def _said(finding: Finding, one: Dependency, version: str) -> Finding:
    where = f"{one.file}, line {one.line}"
    return replace(
        finding,
        description=f"{finding.description}; {one.name} {version} breaks on its own import, and {where}, pins it",
        metrics={
            **finding.metrics,
            "pattern": "broken-release",
            "distribution": one.name,
            "version": version,
            "pinned_in": one.file,
            "pinned_at": one.line,
        },
    )
