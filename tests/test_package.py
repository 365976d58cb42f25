"""What is shipped: the App's manifest fits the code, and the wheel holds what the program needs."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from ruamel.yaml import YAML

from bot.adapters.github_client import PERMISSIONS
from bot.web.events import EVENTS
from tests.github.bot import free_port

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "uv", "build", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_sequences_examples_and_the_boxed_workers(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "bot/data/app.yml",
        "bot/data/sequences/telemetry.parse.json",
        "bot/data/examples/shop/good/pyproject.toml",
        "bot/checks/worker.py",
        "bot/search/box/worker.py",
        "bot/adapters/migrations/versions/first_tables.py",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.fixture(scope="module")
def fresh(wheel: Path) -> Path:
    """Return the folder of programs of a fresh environment that holds the wheel and what it declares, no more."""
    folder = wheel.parent / "fresh"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), str(wheel)]
    subprocess.run(install, check=True, timeout=150)
    return folder / "bin"


def serving(fresh: Path, folder: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start what the image starts, as far from this checkout and this home as the image is."""
    bare = {"PATH": f"{fresh}:{os.environ['PATH']}", "HOME": "/nonexistent", "XDG_CACHE_HOME": str(folder / "cache")}
    given = {**bare, "SELFHEAL_STATE": str(folder / "state"), **more}
    command = shlex.split(re.findall(r"^CMD (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0].strip("[]"))
    return subprocess.Popen([part.strip(",") for part in command], cwd=folder, env=given, stderr=subprocess.PIPE)


def test_what_the_image_installs_is_served(fresh: Path, tmp_path: Path) -> None:
    from tests.serve.test_setup import until

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    port = free_port()
    more = {"PORT": str(port), "GITHUB_API_URL": "http://127.0.0.1:9", "WEBHOOK_SECRET": "s", "APP_ID": "1"}
    with serving(fresh, tmp_path, PRIVATE_KEY=key.private_bytes(*form).decode(), **more) as server:
        try:
            until(f"http://127.0.0.1:{port}/readyz", 200)
            said = json.loads(until(f"http://127.0.0.1:{port}/healthz", 200))
            assert set(said) == {"status", "sandbox", "version"}
            assert "selfheal_watches 0" in until(f"http://127.0.0.1:{port}/metrics", 200)
        finally:
            server.terminate()
            server.wait(30)
    listed = subprocess.run(
        [fresh / "selfheal", "sequences", "--json", "-"], capture_output=True, check=True, cwd=tmp_path
    )
    assert len(json.loads(listed.stdout)) == 7


def test_what_the_image_starts_refuses_without_an_app(fresh: Path, tmp_path: Path) -> None:
    with serving(fresh, tmp_path) as server:
        _, said = server.communicate(timeout=60)
    assert server.returncode == 2
    assert b"APP_ID is not set" in said
    assert b"selfheal serve --setup" in said


def test_the_image_is_built_from_what_the_wheel_needs_and_runs_as_nobody() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+)$", lines, re.MULTILINE) for word in line.split()[:-1]}
    assert {"bot", "pyproject.toml", project["project"]["readme"], *included} <= copied
    assert re.search(r"^USER (?!root)\S+$", lines, re.MULTILINE)
    assert "HEALTHCHECK" in lines
    assert "XDG_CACHE_HOME=/state" in lines
