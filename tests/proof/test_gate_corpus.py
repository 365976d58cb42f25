"""The corpus of the diff gate is large and broad enough, and each rule has what it must refuse and must let pass."""

from __future__ import annotations

from pathlib import Path

from bot.proof.change import Change, FileChange
from bot.proof.gate import judge, rules
from tests.families.gates import read

CORPUS = Path(__file__).parents[1] / "cases" / "gates"


def test_sixty_cheats_of_ten_kinds_and_sixty_honest_patches():
    cheats = sorted(CORPUS.glob("*/refuses-*"))
    assert len(cheats) >= 60
    assert len({case.parent.name for case in cheats}) >= 10
    assert len(sorted(CORPUS.glob("*/passes-*"))) >= 60


def test_every_rule_has_both():
    for name in rules():
        kinds = {case.name.partition("-")[0] for case in (CORPUS / name).iterdir()}
        assert kinds == {"refuses", "passes"}, name


def test_a_declaration_lifts_only_its_own_rule():
    weakened = read(CORPUS / "weakened_assert" / "refuses-truthy" / "change.diff")
    declared = type(weakened)(weakened.files, touches="tests")
    assert {refusal.rule for refusal in judge(declared, rules())} == {"weakened_assert"}
    other = read(CORPUS / "changed_expectation" / "refuses-other-value" / "change.diff")
    assert judge(other, rules())
    assert not judge(type(other)(other.files, touches="tests"), rules())
    assert judge(type(other)(other.files, touches="workflows"), rules())


def test_what_is_brought_back_as_it_was_is_no_new_suppression() -> None:
    line = "    import a  # noqa: F401\n"
    before, after = "def f():\n    pass\n", "def f():\n    pass\n\n\ndef g():\n" + line
    for good, refused in (("", True), ("def g():\n" + line, False)):
        change = Change((FileChange("test_a.py", before, after, is_test=True, good=good),), touches="tests")
        assert any(one.rule == "suppressed_check" for one in judge(change, rules())) is refused
