"""What the standard library offers, read from the interpreter that runs the bot."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import sys
import warnings
from functools import cache
from pathlib import Path

STANDARD: frozenset[str] = frozenset(sys.stdlib_module_names)
# modules whose names people use bare; the first that offers a name wins, so order is by how often it is meant
_COMMON = (
    "dataclasses collections collections.abc typing pathlib functools itertools datetime enum abc contextlib"
    " decimal fractions io json textwrap types uuid tempfile subprocess unittest.mock unittest concurrent.futures"
    " threading logging operator statistics string copy urllib.parse urllib.request argparse configparser hashlib"
    " importlib.metadata shutil glob time math random re os.path secrets inspect asyncio queue multiprocessing"
).split()
# names that several modules offer with different meaning: only a person knows which was meant
_AMBIGUOUS = frozenset("Text Pattern Match Queue Lock Event Process Thread".split())


@cache
def names_of(module: str) -> frozenset[str]:
    """Return the public names of a module of the standard library, empty when it has none to read."""
    if module.partition(".")[0] not in STANDARD:
        return frozenset()
    if module in sys.modules or module in _COMMON or module in sys.builtin_module_names:
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return frozenset(dir(importlib.import_module(module)))
    return _names_in_source(module)


def _names_in_source(module: str) -> frozenset[str]:
    """Read the names from the module's file: importing a module nobody asked for may have effects."""
    try:
        spec = importlib.util.find_spec(module)
        tree = ast.parse(Path(spec.origin).read_text("utf-8")) if spec and spec.origin else None
    except (ImportError, OSError, SyntaxError, ValueError, UnicodeDecodeError):
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return frozenset(names)


@cache
def exported(module: str) -> frozenset[str]:
    """Return the names in a standard module's `__all__`; all public names where it has none."""
    with contextlib.suppress(ImportError):
        found = importlib.import_module(module)
        own = getattr(found, "__all__", None)
        if own is not None:
            return frozenset(own)
        return frozenset(
            name for name, value in vars(found).items()
            if not name.startswith("_") and getattr(value, "__module__", module) == module
        )  # fmt: skip
    return frozenset()


@cache
def home_of(name: str) -> str:
    """Return the standard module that a bare name is usually imported from, or an empty text."""
    if name in _AMBIGUOUS:
        return ""
    return next((module for module in _COMMON if name in exported(module)), "")
