"""The knowledge of one repository, worked out when asked for and kept."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from bot.codebase import callgraph, index, layout, metadata, spectrum
from bot.codebase.changes import changed_lines
from bot.codebase.distributions import Distributions
from bot.codebase.sequences import declared_sequences
from bot.codebase.symbols import Call, Facts, Import, Symbol, facts_of
from bot.codebase.texts import FolderTexts, encode
from bot.model import CodebaseInfo, Sequence

T = TypeVar("T")


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree of Python source, or None when it has none (a coding line and a BOM are honoured)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(encode(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Codebase:
    """A repository as values: files, syntax, symbols, imports, tests, metadata, changes. Nothing of it is run."""

    def __init__(
        self,
        info: CodebaseInfo,
        files: Mapping[str, str] | None = None,
        good: Mapping[str, str] | None = None,
        spectrum: spectrum.Spectrum | None = None,
    ) -> None:
        """Read the folders that `info` names, or the given files where the repository is in memory."""
        self.info = info
        self._files = files
        self._good = good
        self._spectrum = spectrum
        self._trees: dict[str, ast.Module | None] = {}
        self._known: dict[str, Facts] = {}
        self._keys: dict[str, str] = {}

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Return all text files by POSIX path, read when asked for."""
        if self._files is not None:
            return self._files
        return FolderTexts(Path(self.info.tree)) if self.info.tree else {}

    @cached_property
    def good(self) -> Mapping[str, str]:
        """Return the files of the last good version; empty when there is none."""
        if self._good is not None:
            return self._good
        return FolderTexts(Path(self.info.good_tree)) if self.info.good_tree else {}

    @property
    def packages(self) -> Mapping[str, str]:
        """Return the versions of the installed distributions by normal name."""
        return self.info.packages

    @cached_property
    def distributions(self) -> Distributions:
        """Return the map between import names and distributions."""
        return Distributions(Path(self.info.environment) if self.info.environment else None)

    @cached_property
    def sequences(self) -> tuple[Sequence, ...]:
        """Return the sequences that the repository declares; raises `Misconfigured` where one is not valid."""
        return declared_sequences(self.files, self.info.sequences)

    @cached_property
    def spectrum(self) -> spectrum.Spectrum | None:
        """Return the coverage by test, or None when it was not measured."""
        if self._spectrum is not None:
            return self._spectrum
        return spectrum.load(Path(self.info.spectrum)) if self.info.spectrum else None

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        """Return the paths of all Python files, in order."""
        return tuple(sorted(path for path in self.files if path.endswith(".py")))

    @cached_property
    def import_roots(self) -> tuple[str, ...]:
        """Return the folders that belong on the import path, see `layout.import_roots`."""
        return layout.import_roots(self.python_files)

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """Return the path of every module by its dotted name."""
        return layout.module_map(self.python_files)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {path: name for name, path in self.modules.items()}

    @cached_property
    def metadata(self) -> metadata.Metadata:
        """Return what the project declares about itself."""
        return metadata.joined([metadata.read(self.files, folder) for folder in layout.project_folders(self.files)])

    def text(self, path: str) -> str:
        """Return the text of a file; raises `KeyError` when there is no such text file."""
        return self.files[path]

    def is_test(self, path: str) -> bool:
        """Return whether a path is test code."""
        return layout.is_test_path(path)

    def module_name(self, path: str) -> str:
        """Return the dotted name a file is imported by, '' when it has none."""
        return self._names.get(path, "")

    def tree(self, path: str) -> ast.Module | None:
        """Return the syntax tree of a file, None when it is absent or can't be parsed. Callers do not change it."""
        if path not in self._trees:
            self._trees[path] = parse(self.files[path]) if path in self.files else None
        return self._trees[path]

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """Return what a file defines, in the order of its lines."""
        return self._facts(path).symbols

    def imports(self, path: str) -> tuple[Import, ...]:
        """Return what a file imports, in the order of its lines."""
        return self._facts(path).imports

    def calls(self, path: str) -> tuple[Call, ...]:
        """Return what a file calls, in the order of its lines."""
        return self._facts(path).calls

    def function_at(self, path: str, line: int) -> Symbol | None:
        """Return the innermost function or method that holds a line, its decorators included, or None."""
        around = [
            symbol
            for symbol in self.symbols(path)
            if symbol.kind in {"function", "method"} and symbol.start <= line <= symbol.end_line
        ]
        return max(around, key=lambda symbol: symbol.line, default=None)

    def find(self, name: str) -> tuple[Symbol, ...]:
        """Return the symbols of that name or qualified name in all files, project code before tests."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Symbol, ...]]:
        found: dict[str, list[Symbol]] = {}
        for path in sorted(self._every, key=lambda one: (self.is_test(one), one)):
            for symbol in self.symbols(path):
                for name in {symbol.name, symbol.qualname}:
                    found.setdefault(name, []).append(symbol)
        return {name: tuple(symbols) for name, symbols in found.items()}

    def importers(self, path: str) -> tuple[str, ...]:
        """Return the files that import the module of a path, directly."""
        return self._importers.get(path, ())

    def calls_of(self, name: str) -> tuple[Call, ...]:
        """Return all calls whose last part is `name`, in all files."""
        return self._by_last_name.get(name, ())

    @cached_property
    def _by_last_name(self) -> Mapping[str, tuple[Call, ...]]:
        return callgraph.by_last_name(call for path in self._every for call in self.calls(path))

    def callers(self, symbol: Symbol) -> tuple[Call, ...]:
        """Return the calls that may reach a symbol, see `callgraph.callers`."""
        return callgraph.callers(self, symbol)

    def tests_of(self, symbol: Symbol) -> tuple[str, ...]:
        """Return the tests that run a symbol: measured where the coverage by test is known, else by the call graph."""
        if self.spectrum is not None and self.spectrum.lines(symbol.file):
            return self.spectrum.tests_of(symbol.file, range(symbol.line + 1, symbol.end_line + 1))
        return callgraph.reaching_tests(self, symbol)

    @cached_property
    def _importers(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for path in self._every:
            for target in self.imported_files(path):
                found.setdefault(target, set()).add(path)
        return {path: tuple(sorted(users)) for path, users in found.items()}

    def imported_files(self, path: str) -> tuple[str, ...]:
        """Return the files of the repository that a file imports, directly."""
        names = (name for one in self.imports(path) for name in self._candidates(path, one))
        return tuple(sorted({self.modules[name] for name in names if name in self.modules} - {path}))

    def _candidates(self, path: str, one: Import) -> Iterable[str]:
        base = self.absolute(path, one)
        yield base
        yield from (f"{base}.{name}" if base else name for name in one.names)

    def absolute(self, path: str, one: Import) -> str:
        """Return the absolute name of the module that an import in a file names."""
        if not one.level:
            return one.module
        package = self.module_name(path).split(".")
        drop = one.level - (1 if path.endswith("/__init__.py") else 0)
        kept = package[: len(package) - drop] if drop else package
        return ".".join([*kept, one.module] if one.module else kept)

    @cached_property
    def changed(self) -> Mapping[str, tuple[int, ...]]:
        """Return the lines that differ from the last good version, by path; empty when there is none."""
        if not self.good:
            return {}
        differing = (path for path in self.files if self.files[path] != self.good.get(path))
        return {path: changed_lines(self.good.get(path), self.files[path]) for path in differing}

    def noted(self, kind: str, paths: Iterable[str], make: Callable[[str], T]) -> Iterator[tuple[str, T]]:
        """Yield (path, what `make` returns for it): plain data that follows from the file's path and content alone.

        Files that are the same as in the last run are not looked at again.
        """
        held, used = self._held_notes, set()
        try:
            for path in paths:
                known = f"{kind}:{self._key(path)}"
                used.add(known)
                found: T = index.note(known, partial(make, path))
                yield path, found
        finally:
            if self.info.index and not used <= held:
                self._held_notes = held | used
                index.save_notes(Path(self.info.index), self._held_notes)

    @cached_property
    def _held_notes(self) -> frozenset[str]:
        return index.load_notes(Path(self.info.index)) if self.info.index else frozenset()

    def _key(self, path: str) -> str:
        if path not in self._keys:
            self._keys[path] = index.key(path, self.files[path])
        return self._keys[path]

    def _facts(self, path: str) -> Facts:
        if path not in self._known:
            self._known[path] = (
                index.facts(path, self.files[path], lambda: self._read(path)) if path in self.files else Facts()
            )
        return self._known[path]

    def _read(self, path: str) -> Facts:
        tree = self._trees[path] if path in self._trees else parse(self.files[path])
        return facts_of(tree, path) if tree else Facts()

    @cached_property
    def _every(self) -> tuple[str, ...]:
        """Return all Python files once their facts are known: from the last run where a file is the same."""
        saved = Path(self.info.index) if self.info.index else None
        held = index.load(saved) if saved else frozenset()
        for path in self.python_files:
            self._facts(path)
        keys = {self._key(path) for path in self.python_files} if saved else set()
        if saved and not keys <= held:
            index.save(saved, keys)
        return self.python_files


def of(
    files: Mapping[str, str],
    *,
    good: Mapping[str, str] | None = None,
    packages: Mapping[str, str] | None = None,
    withdrawn: Mapping[str, str] | None = None,
    spectrum: spectrum.Spectrum | None = None,
) -> Codebase:
    """Return a codebase in memory."""
    held = {"packages": dict(packages or {}), "withdrawn": dict(withdrawn or {})}
    info = CodebaseInfo(repository="memory", checkout="", tree="", digest="", **held)
    return Codebase(info, files, good or {}, spectrum)
