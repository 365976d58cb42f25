"""Cases of the approval rules: `facts.json` and `policy.yml` in, `answer.json` out.

`facts.json` holds only what differs from a proven one-line fix with an open, green, mergeable pull request.
A case whose name starts with `denies` must be denied, every other one allowed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot import policy
from bot.model import PullRequestFacts
from bot.registry import unit
from tests import make

HEAD = "a" * 40
PULL = {
    "number": 1,
    "branch": "auto-fix/error-f-a1b2c3d4",
    "base": "main",
    "head_sha": HEAD,
    "mergeable": True,
    "opened_at": 1_790_000_000,
}


def run(name: str, case: Path) -> dict[str, str]:
    """Return the rule's answer for a case, as JSON."""
    given = json.loads((case / "facts.json").read_text(encoding="utf-8"))
    text = (case / "policy.yml").read_text(encoding="utf-8") if (case / "policy.yml").exists() else ""
    answer = unit("rule", name)(facts(given), policy.load(text))
    assert answer.rule == name
    assert answer.stage == unit("rule", name).about["stage"]
    assert answer.allows != case.name.startswith("denies"), answer
    assert answer.allows or answer.unblock, "a no must say who can unblock it"
    return {"answer.json": json.dumps(answer.model_dump(), indent=1, ensure_ascii=False) + "\n"}


def facts(given: dict[str, Any]) -> PullRequestFacts:
    """Return the facts of a case; `HEAD` stands for the pull request's head."""
    given = json.loads(json.dumps(given).replace("HEAD", HEAD))
    patch = make.patch(**{"strategy": "misspelt_name", "trust": "auto", **given.pop("patch", {})})
    pull = {**PULL, **given["pull_request"]} if given.get("pull_request") else given.get("pull_request", PULL)
    green = [{"name": "test", "status": "completed", "conclusion": "success"}]
    rest = {"proven": True, "now": 1_790_000_600, "checks": green, **given, "pull_request": pull}
    return PullRequestFacts.model_validate({"patch": patch, **rest})
