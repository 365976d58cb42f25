"""The demo goes through the whole loop, and says so only when every step happened."""

from __future__ import annotations

import pytest

from tests.github import demo

STEPS = ("push", "webhook", "diagnosis", "fix", "proof", "pull request", "approval", "merge", "deployment", "learning")


@pytest.mark.timeout(400)
def test_the_demo_shows_the_whole_loop(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0
    told = capsys.readouterr().out
    at = [told.index(f"  {step} ") for step in STEPS]
    assert at == sorted(at)
    assert "selfheal heal PATH" in told
