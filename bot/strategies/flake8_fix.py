"""Repair what flake8, pycodestyle, pyflakes and pylint found with ruff's fixes for the very same rules.

Only the rules that were broken, only the files they were broken in, and nothing of ruff's own opinion.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import check_of, codes_of, targets_of, tools_of

_TOOLS = frozenset({"flake8", "pycodestyle", "pyflakes", "pylint", "pydocstyle", "autoflake"})
# rules whose fix leaves behaviour alone; https://docs.astral.sh/ruff/rules/
_FIXABLE = frozenset(
    "F401 F541 F632 F811 F841 E101 E201 E202 E203 E211 E221 E222 E225 E226 E227 E228 E231 E241 E242 E251 E252 E261"
    " E262 E265 E266 E271 E272 E273 E274 E275 E301 E302 E303 E304 E305 E306 E401 E502 E703 E711 E712 E713 E714 E731"
    " W191 W291 W292 W293 W391 W605 I001 I002 C400 C401 C402 C403 C404 C405 C406 C408 C409 C410 C411 C413 C414 C416"
    " C418 UP004 UP008 UP032 D200 D202 D204 D207 D208 D209 D210 D211 D212 D213 D300 D400 D403 D405 D406 D407 D408 D409"
    " D410 D411 D412 D413 D415 Q000 Q001 Q002 Q003 COM812 COM818 COM819 SIM101 SIM103 SIM108 SIM118 PIE790 PIE794 T20"
    " PT001 PT006 PT009 PT018 PT022 PT023 RET501 RET502 RET503 RET505 RET506".split()
)
# pylint's names for the same things; https://docs.astral.sh/ruff/faq/#how-does-ruffs-linter-compare-to-pylint
_PYLINT = {
    "W0611": "F401", "W0612": "F841", "C0303": "W291", "C0304": "W292", "C0305": "W391", "C0410": "E401",
    "W0301": "E703", "C0121": "E711", "W0109": "F601", "W1309": "F541", "W1401": "W605", "C0411": "I001",
    "C0412": "I001", "C0413": "", "W0107": "PIE790", "R1705": "RET505", "R1720": "RET506", "R0205": "UP004",
    "R1725": "UP008", "C0209": "UP032", "R1718": "C401", "R1717": "C402", "R1721": "C416", "R1714": "PLR1714",
    "C0200": "", "R1711": "PLR1711", "R0402": "PLR0402", "C0414": "PLC0414", "R1735": "C408", "R1734": "C408",
    "W0404": "F811", "R5501": "PLR5501", "C0117": "SIM208", "R1703": "SIM103", "C0201": "SIM118",
}  # fmt: skip


def _rules(diagnosis: Diagnosis) -> list[str]:
    codes = [_PYLINT.get(code, code) for code in codes_of(diagnosis)]
    return [code for code in codes if code in _FIXABLE or code in _PYLINT.values()]


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of ruff, told only the rules in question, when another linter complained."""
    tools = tools_of(diagnosis) & _TOOLS
    rules = sorted({rule for rule in _rules(diagnosis) if rule})
    if not tools or not rules:
        return
    selected = ("--isolated", "--preview", f"--select={','.join(rules)}", f"--fixable={','.join(rules)}")
    targets = targets_of(diagnosis, codebase, check_of(codebase, *tools))
    yield Proposal(
        strategy="flake8_fix",
        title=f"Fix {', '.join(rules[:4])}",
        command=("ruff", "check", "--fix", "--unsafe-fixes", "--exit-zero", *selected, "--", *targets),
        confidence=0.88,
        why=f"ruff knows the rules of {', '.join(sorted(tools))} and repairs these ones itself.",
    )
