"""Let ruff repair findings whose fix it calls unsafe, for the rules that were broken and no others.

Unsafe means that ruff can't see from the file alone that behaviour stays: the whole suite has to show it, and a
person looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import check_of, codes_of, settings_of, targets_of, tools_of

# fixes that hide a finding or delete what somebody may still want: a commented-out block, a print, a to-do
_NEVER = frozenset({"ERA001", "T201", "T203", "F401", "RUF100", "BLE001", "S101", "PGH003", "PGH004", "D100"})

# rules that find fault with what the fix of another one writes: https://docs.astral.sh/ruff/rules/
_THEN = {
    "UP031": ("UP032",),
    "SIM105": ("I001",),
    "SIM102": ("SIM103", "SIM108", "RET505"),
    "SIM118": ("SIM102",),
    "RET505": ("RET508", "SIM108"),
    "PLR5501": ("PLR1714",),
    "B007": ("PERF102", "F841"),
    "TRY201": ("TRY203", "F841"),
    "PLR1714": ("PLR6201",),
    "SIM114": ("SIM103",),
    "SIM110": ("F841",),
}


@strategy(causes=("lint", "pre-commit"), trust="review", prior=0.4)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of ruff with unsafe fixes for the codes in the log, when it was ruff that complained."""
    codes = [code for code in codes_of(diagnosis) if code[:1].isupper() and code not in _NEVER]
    if not codes or not tools_of(diagnosis) & {"ruff", "ruff-check"}:
        return
    check = check_of(codebase, "ruff")
    codes += [after for code in codes for after in _THEN.get(code, ()) if after not in codes]
    options = (f"--fixable={','.join(codes)}", "--unsafe-fixes", *settings_of(check, "--config", "--target-version"))
    yield Proposal(
        strategy="ruff_unsafe_fix",
        title=f"Fix {', '.join(codes[:4])} with ruff, unsafe fixes included",
        command=("ruff", "check", "--fix", "--exit-zero", *options, "--", *targets_of(diagnosis, codebase, check)),
        confidence=0.6,
        why="ruff has a fix for these findings, but can't promise that behaviour stays the same.",
    )
