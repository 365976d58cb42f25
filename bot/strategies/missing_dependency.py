"""Declare a dependency that the code imports and the project's metadata does not name.

The requirement goes where the project keeps its own: to what users need when package code imports it, to the tests'
group when only tests do. A name that nobody vouches for is never declared.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._declaring import declared_edit
from bot.strategies._distributions import distribution_of
from bot.strategies._missing import missing_modules


def _users(module: str, codebase: Codebase) -> tuple[list[str], list[str]]:
    """Return the package files and the test files that import a module without a fallback."""
    package: list[str] = []
    tests: list[str] = []
    for path in codebase.python_files:
        for one in codebase.imports(path):
            if not one.level and one.module.partition(".")[0] == module and not one.guarded:
                (tests if codebase.is_test(path) else package).append(path)
                break
    return package, tests


@strategy(
    causes=("missing-dependency", "import-error", "test-failure", "error", "dependency"), trust="glance", prior=0.88
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one declaration for each import that fails and that a known distribution provides."""
    for module in dict.fromkeys(missing_modules(diagnosis, codebase)):
        package, tests = _users(module, codebase)
        if not (package or tests):
            continue
        edits = declared_edit(module, codebase, tests=not package)
        if edits:
            who = "the code imports" if package else "the tests import"
            name = distribution_of(module, codebase)
            yield Proposal(
                strategy="missing_dependency",
                title=f"Declare {name} in {edits[0].path}",
                edits=edits,
                confidence=0.9,
                why=f"{who} `{module}` ({(package or tests)[0]}), and no metadata file asks for `{name}`.",
            )
