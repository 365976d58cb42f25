"""What is shipped: the App's manifest fits the code, and the wheel holds what the program needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from ruamel.yaml import YAML

from bot.adapters.github_client import PERMISSIONS
from bot.web.events import EVENTS

ROOT = Path(__file__).parent.parent
ALWAYS_SENT = {"installation", "installation_repositories"}  # GitHub sends these to every App, asked for or not


def test_the_manifest_asks_for_exactly_the_handled_events() -> None:
    manifest = YAML(typ="safe").load((ROOT / "app.yml").read_text())
    assert set(manifest["default_events"]) == set(EVENTS) - ALWAYS_SENT


def test_the_manifest_grants_what_tokens_are_asked_for_and_never_workflows() -> None:
    granted = YAML(typ="safe").load((ROOT / "app.yml").read_text())["default_permissions"]
    assert PERMISSIONS.items() <= granted.items()
    assert "workflows" not in granted
    assert "administration" not in granted


def test_the_wheel_holds_sequences_examples_and_the_boxed_workers(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "uv", "build", "--wheel", "--out-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "bot/data/sequences/telemetry.parse.json",
        "bot/data/examples/shop/good/pyproject.toml",
        "bot/checks/worker.py",
        "bot/search/box/worker.py",
        "bot/adapters/migrations/versions/first_tables.py",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]
