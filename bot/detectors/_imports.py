"""What the code imports against what the project declares, and what was declared against what is installed.

These are read from files, so their severity is low; an import that failed in a run is reported from its log.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement

from bot.codebase import Codebase, Import
from bot.codebase.distributions import Distributions, is_stdlib, removed
from bot.codebase.metadata import Dependency, canonical
from bot.codebase.needed import missing
from bot.detectors._seen import Finding

_ASIDE = frozenset(
    {"docs", "doc", "examples", "example", "scripts", "tools", "benchmarks", "bench", "benchmark", "ci", "build"}
    | {"_vendor", "vendor", "vendored", "_vendored", "third_party", "extern", "samples", "notebooks", "packaging"}
)
_BUILT_IN = frozenset({"setuptools", "pkg-resources", "pip", "wheel", "distutils", "cython", "numpy-distutils"})


def import_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding for each third-party module that package code imports always and nobody declares."""
    metadata = codebase.metadata
    main = {one.group for one in metadata.dependencies} | {one.group for one in metadata.sections}
    if metadata.problems or "" not in main:
        return  # the project does not say what it needs, or says it in a way that is not understood
    declared = {one.name for one in metadata.dependencies} | {canonical(metadata.name)}
    own = {name.partition(".")[0] for name in codebase.modules}
    known = Distributions()
    told: set[str] = set()
    for path in codebase.python_files:
        if _is_package_code(codebase, path):
            for one in codebase.imports(path):
                top = one.module.partition(".")[0]
                if not _asks(one) or top in own or is_stdlib(top):
                    continue
                name = known.of(one.module)
                if (
                    top not in told
                    and not _declared(name, top, declared)
                    and one.line in _unconditional(codebase, path)
                ):
                    told.add(top)
                    yield _undeclared(path, one, name, sure=bool(known.known(one.module)))


def _is_package_code(codebase: Codebase, path: str) -> bool:
    parts = PurePosixPath(path).parts
    aside = _ASIDE.intersection(parts[:-1]) or parts[-1] in ("setup.py", "conftest.py", "noxfile.py", "tasks.py")
    return not aside and not codebase.is_test(path) and not any(part.startswith(".") for part in parts)


def _unconditional(codebase: Codebase, path: str) -> frozenset[int]:
    """Return the lines of the imports that stand at the top of a module, under no condition."""
    tree = codebase.tree(path)
    return frozenset(
        node.lineno for node in (tree.body if tree else ()) if isinstance(node, ast.Import | ast.ImportFrom)
    )


def _asks(one: Import) -> bool:
    return not (one.level or one.guarded or one.nested) and bool(one.module)


def _declared(name: str, top: str, declared: set[str]) -> bool:
    """Say whether something declared may well give the module: the same name, or one that holds the other."""
    plain = canonical(top)
    if name in declared or plain in declared or name in _BUILT_IN or plain in _BUILT_IN:
        return True
    return any(plain in one.split("-") or one in plain.split("-") for one in declared)


def _undeclared(path: str, one: Import, name: str, *, sure: bool) -> Finding:
    module = one.module.partition(".")[0]
    return Finding(
        type="dependency",
        cause=f"undeclared:{module}",
        severity="low",
        description=f"{path}, line {one.line}, imports {module}, and no metadata file asks for {name}",
        confidence=0.9 if sure else 0.7,
        handler=module,
        metrics={
            "pattern": "missing-dependency",
            "class": "missing-dependency",
            "tool": "imports",
            "exception": "ModuleNotFoundError",
            "message": f"No module named '{module}'",
            "file": path,
            "line": one.line,
            "distribution": name,
        },
        evidence=(f"{path}:{one.line}",),
    )


def removed_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield a finding for each import of a module that the Python in use does not have any more."""
    python = codebase.info.python
    told: set[str] = set()
    for path in codebase.python_files if python else ():
        for one in codebase.imports(path):
            gone = removed(one.module, python) if _asks(one) else None
            own = one.module.partition(".")[0] in codebase.modules
            if gone and not own and gone.name not in told and not codebase.metadata.declared(gone.distribution):
                told.add(gone.name)
                said = f"{path}, line {one.line}, imports {gone.name}, which Python 3.{gone.since} removed"
                yield _plain("removed-module", gone.name, said, path, one.line)


def declaration_findings(codebase: Codebase) -> Iterator[Finding]:
    """Yield declared dependencies that are not installed (where that is known), and pins that exclude others."""
    main = [one for one in codebase.metadata.dependencies if one.group == ""]
    if codebase.packages:
        absent = set(missing(tuple(one.requirement for one in main), codebase.packages))
        for one in main:
            if one.requirement in absent:
                said = f"{one.file}, line {one.line}, asks for {one.requirement}, which is not installed"
                yield _plain("not-installed", one.name, said, one.file, one.line)
    for one, other in _pairs(main):
        if _excludes(one, other):
            said = f"{one.file}, line {one.line}, pins {one.requirement}; {other.file} asks for {other.requirement}"
            yield _plain("dependency-conflict", one.name, said, one.file, one.line)


def _pairs(main: list[Dependency]) -> Iterator[tuple[Dependency, Dependency]]:
    for one in main:
        for other in main:
            if one is not other and one.name == other.name:
                yield one, other


def _excludes(pinned: Dependency, other: Dependency) -> bool:
    try:
        first, second = Requirement(pinned.requirement), Requirement(other.requirement)
    except InvalidRequirement:
        return False
    pins = [one.version for one in first.specifier if one.operator == "==" and not one.version.endswith(".*")]
    if first.marker or second.marker or not pins:
        return False
    return not second.specifier.contains(pins[0], prereleases=True)


def _plain(pattern: str, name: str, said: str, file: str, line: int) -> Finding:
    return Finding(
        type="dependency",
        cause=f"{pattern}:{name}:{file}",
        severity="low",
        description=said,
        confidence=0.85,
        handler=name,
        metrics={"pattern": pattern, "class": pattern, "tool": "metadata", "file": file, "line": line, "what": name},
        evidence=(f"{file}:{line}",),
    )
