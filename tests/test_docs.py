"""What is generated from the code is up to date, and everything registered is documented and has cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import conductor, reference
from bot.registry import units

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "name",
    [
        "handlers.md",
        "commands.md",
        "policy.md",
        "evidence.md",
        "recorder.md",
        *[f for f, *_ in reference.FAMILIES.values()],
    ],
)
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == reference.pages()[name], "run: python -m bot.reference docs"


def test_pages_are_written(tmp_path: Path) -> None:
    reference.write(tmp_path / "docs")
    assert (tmp_path / "docs" / "rules.md").is_file()


@pytest.mark.parametrize("kind", ["strategy", "gate", "rule", "parser", "detector"])
def test_every_unit_has_cases(kind: str) -> None:
    folder = {"strategy": "strategies"}.get(kind, f"{kind}s")
    missing = [name for name in units(kind) if not any((ROOT / "tests" / "cases" / folder / name).glob("*/*"))]
    assert not missing, f"no cases for {missing}"


def test_the_sequence_schema_is_published() -> None:
    assert json.loads((ROOT / "sequences" / "schema.json").read_text()) == conductor.schema()
