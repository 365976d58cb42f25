"""Compiled files of the project, kept by their text: importing a project again compiles only what changed.

Unlike a byte-code cache on disk it can't be stale: the key is the text itself, not its date and size.
"""

from __future__ import annotations

import functools
import os
import sys
from importlib.machinery import SourceFileLoader
from typing import Any

from .watch import inside


@functools.lru_cache(None)
def _compiled(data: bytes, path: str, level: int) -> Any:
    return compile(data, path, "exec", dont_inherit=True, optimize=level)


def keep() -> None:
    """Let imports take the project's code from memory from now on, in this process and in its forks."""
    plain = SourceFileLoader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        if isinstance(data, bytes) and inside(os.fspath(path)):
            return _compiled(data, os.fspath(path), _optimize)
        return plain(self, data, path, _optimize=_optimize)

    setattr(SourceFileLoader, "source_to_code", source_to_code)  # noqa: B010
    _keep_rewritten()


def _keep_rewritten() -> None:
    """Do the same for test modules, whose asserts pytest rewrites: where it has the function that we know."""
    rewrite = sys.modules.get("_pytest.assertion.rewrite")
    plain = getattr(rewrite, "_rewrite_test", None)
    if plain is None:
        return
    known: dict[tuple[str, bytes], Any] = {}

    def rewritten(file: Any, config: Any) -> Any:
        with open(file, "rb") as stream:
            key = os.fspath(file), stream.read()
        if key not in known:
            known[key] = plain(file, config)
        return known[key]

    setattr(rewrite, "_rewrite_test", rewritten)  # noqa: B010
