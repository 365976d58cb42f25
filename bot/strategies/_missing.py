"""Which packages could not be imported."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._library import STANDARD
from bot.strategies._sites import sites

_MISSING = re2.compile(r"""No module named ['"]?([\w.]+)""")


def missing_modules(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[str]:
    """Yield the top-level names that could not be imported and are neither the project's nor the library's."""
    own = {module.partition(".")[0] for module in codebase.modules}
    for site in sites(diagnosis, codebase):
        found = _MISSING.search(site.message)
        top = found.group(1).partition(".")[0] if found else ""
        if top and top not in own and top not in STANDARD:
            yield top
