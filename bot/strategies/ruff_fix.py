"""Let ruff repair what its safe fixes can: unused and unsorted imports, outdated syntax, and the like.

The project's own configuration and version decide what is wrong; files that nobody complained about stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import check_of, codes_of, settings_of, targets_of, tools_of

_OPTIONS = (
    "--config",
    "--select",
    "--extend-select",
    "--ignore",
    "--line-length",
    "--target-version",
    "--per-file-ignores",
)
_FLAGS = ("--preview", "--isolated")

# rules whose fix leaves imports behind that they then complain of: https://docs.astral.sh/ruff/rules/#pyupgrade-up
_LEAVING = frozenset({"UP006", "UP007", "UP035", "UP045"})


@strategy(causes=("lint", "unused-import", "pre-commit"), trust="auto", prior=0.95)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of ruff when it was ruff that complained."""
    if not tools_of(diagnosis) & {"ruff", "ruff-check"}:
        return
    check = check_of(codebase, "ruff")
    codes = codes_of(diagnosis)
    marked = any("[*]" in failure.root_line for failure in diagnosis.failures)
    options = settings_of(check, *_OPTIONS, flags=_FLAGS)
    if _LEAVING.intersection(codes):
        options = (*options, "--extend-select=F401")
    yield Proposal(
        strategy="ruff_fix",
        title=f"Fix {', '.join(codes[:4]) or 'lint findings'} with ruff",
        command=(
            "ruff",
            "check",
            "--fix",
            "--exit-zero",
            *options,
            "--",
            *targets_of(diagnosis, codebase, check, *_OPTIONS),
        ),
        confidence=0.95 if marked or not diagnosis.failures else 0.8,
        why="ruff repairs these findings itself and calls the repair safe.",
    )
