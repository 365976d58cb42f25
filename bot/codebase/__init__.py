"""What is known of a repository: its files, symbols, imports, tests, metadata and changes."""

from __future__ import annotations

from bot.codebase.changes import Hunk, changed_lines, diff, hunks
from bot.codebase.distributions import Distributions
from bot.codebase.layout import import_roots, is_test_path, module_map
from bot.codebase.metadata import Dependency, Metadata, Place, Section
from bot.codebase.prepare import prepare, with_good
from bot.codebase.repository import Codebase, of, parse
from bot.codebase.sequences import declared_sequences
from bot.codebase.spectrum import Spectrum
from bot.codebase.symbols import Call, Import, Symbol

__all__ = [
    "Call",
    "Codebase",
    "Dependency",
    "Distributions",
    "Hunk",
    "Import",
    "Metadata",
    "Place",
    "Section",
    "Spectrum",
    "Symbol",
    "changed_lines",
    "declared_sequences",
    "diff",
    "hunks",
    "import_roots",
    "is_test_path",
    "module_map",
    "of",
    "parse",
    "prepare",
    "with_good",
]
