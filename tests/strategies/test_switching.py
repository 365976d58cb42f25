"""Every strategy can be switched off by the policy, and run alone."""

import pytest

from bot.codebase import of
from bot.fixing.drafts import allowed, pure_drafts
from bot.model import TRUSTS
from bot.policy import RepoPolicy, StrategyPolicy
from bot.registry import units
from tests import make

NAMES = tuple(units("strategy"))
FILES = {"app.py": "def total(values):\n    return sum(values)\n", "tests/test_app.py": "def test_a():\n    assert 1\n"}


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_switched_off_and_run_alone(name: str) -> None:
    off = RepoPolicy(strategies=StrategyPolicy(off=(name,)))
    assert [unit.name for unit in allowed(NAMES, off)] == [one for one in NAMES if one != name]
    assert allowed((name,), off) == ()
    assert [unit.name for unit in allowed((name,), RepoPolicy())] == [name]
    codebase = of(FILES)
    assert list(pure_drafts((name,), make.diagnosis(file="app.py", line=1), codebase, off)) == []
    made = list(pure_drafts((name,), make.diagnosis(file="app.py", line=1), codebase, RepoPolicy()))
    assert all(draft.strategy == name for draft in made)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is_for(name: str) -> None:
    unit = units("strategy")[name]
    assert unit.summary
    assert unit.about["causes"]
    assert unit.about["trust"] in TRUSTS
