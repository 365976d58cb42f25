"""Let ruff repair what its safe fixes can: unused and unsorted imports, outdated syntax, and the like.

The project's own configuration and version decide what is wrong; files that nobody complained about stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import check_of, codes_of, files_of, tool_of, without

_REPORTING = (
    "--no-fix",
    "--diff",
    "--show-fixes",
    "--exit-non-zero-on-fix",
    "--output-format=",
    "--watch",
    "--statistics",
)


def command(diagnosis: Diagnosis, codebase: Codebase) -> tuple[str, ...]:
    """Return the project's own `ruff check` as one that fixes the files complained about."""
    check = check_of(diagnosis, codebase, kind="lint", tool="ruff")
    options = [a for a in without(check.argv[1:], *_REPORTING) if a.startswith("-")] if check else []
    files = files_of(diagnosis, codebase, ".py", ".pyi", ".ipynb")
    return ("ruff", "check", "--fix", *(o for o in options if "=" in o), "--exit-zero", "--", *(files or (".",)))


@strategy(causes=("lint", "unused-import"), trust="auto")
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of ruff when it was ruff that complained."""
    if tool_of(diagnosis) != "ruff":
        return
    codes = codes_of(diagnosis)
    marked = [failure for failure in diagnosis.failures if "[*]" in failure.root_line]
    yield Proposal(
        strategy="ruff_fix",
        title=f"Fix lint findings{' ' + ', '.join(codes[:4]) if codes else ''} with ruff",
        command=command(diagnosis, codebase),
        confidence=0.95 if marked or not diagnosis.failures else 0.7,
        why="ruff repairs these findings itself and calls the repair safe.",
    )
