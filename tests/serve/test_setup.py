"""The App is created through GitHub's manifest flow, walked on the stand-in, and then served; what refuses to start."""

from __future__ import annotations

import html
import http.client
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from bot.errors import Misconfigured
from bot.serve import setup
from bot.serve.server import checked, serve
from bot.settings import CREDENTIALS, read
from tests.github import StandIn
from tests.github.bot import free_port


def got(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def until(address: str, status: int) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        seen, text = got(address)
        if seen == status:
            return text
        time.sleep(0.05)
    raise AssertionError(f"{address} never answered {status}")


def confirmed(action: str, manifest: str) -> str:
    """Return where GitHub sends the browser after a person confirmed the manifest."""
    parts = urllib.parse.urlsplit(action)
    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    body = urllib.parse.urlencode({"manifest": manifest})
    line.request("POST", f"{parts.path}?{parts.query}", body, {"Content-Type": "application/x-www-form-urlencoded"})
    return str(line.getresponse().getheader("Location"))


def form(page: str) -> tuple[str, str]:
    """Return where a page's form goes and the manifest in it."""
    action, manifest = re.search(r'action="([^"]+)"', page), re.search(r'name="manifest" value="([^"]+)"', page)
    assert action
    assert manifest
    return html.unescape(action[1]), html.unescape(manifest[1])


def test_an_app_is_set_up_and_served(tmp_path: Path) -> None:
    with StandIn(tmp_path / "github", actions=False) as github:
        port, state = free_port(), tmp_path / "state"
        address = f"http://127.0.0.1:{port}"
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME") or key.startswith("COV")}
        more = {"GITHUB_API_URL": github.url, "GITHUB_SERVER_URL": github.url, "PORT": str(port)}
        command = [sys.executable, "-m", "bot", "serve", "--setup", "--state", str(state)]
        with subprocess.Popen(command, env={**kept, **more}, stderr=subprocess.PIPE) as server:
            until(f"{address}/readyz", 503)
            action, manifest = form(got(f"{address}/setup?name=healer")[1])
            assert got(f"{address}/setup/done?code=abc&state=wrong")[0] == 400
            back = confirmed(action, manifest)
            assert "healer is there" in got(back)[1]
            until(f"{address}/readyz", 200)
            assert "is set up" in got(f"{address}/setup")[1]
            (app,) = github.apps.values()
            assert app.webhook_url == f"{address}/api/github/webhooks"
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) in (0, -signal.SIGTERM)
        file = state / CREDENTIALS
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found = read({}, state=str(state))
        assert (found.app_id, found.webhook_secret, found.private_key) == (str(app.id), app.secret, app.pem)
        with pytest.raises(Misconfigured, match="there already"):
            setup.stored(found, {"id": 1, "slug": "x", "pem": "", "webhook_secret": ""})
        with pytest.raises(Misconfigured, match="set up already"):
            serve(found, setup=True)
        with pytest.raises(Exception, match="no such thing"):
            setup.exchanged(read(more), "unknown")


def test_the_manifest_holds_the_addresses_it_is_given() -> None:
    made = setup.manifest("https://heal.example.com", "x" * 50)
    assert made["hook_attributes"]["url"] == "https://heal.example.com/api/github/webhooks"
    assert made["redirect_url"] == "https://heal.example.com/setup/done"
    assert len(made["name"]) == 34
    assert "example.com" not in json.dumps(setup.manifest("https://heal.test"))


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as error:
        checked(read({}, state=str(tmp_path)))
    assert "APP_ID is not set; WEBHOOK_SECRET is not set; the App's private key can't be read" in str(error.value)
    assert "--setup" in error.value.hint
    given = {"APP_ID": "1", "WEBHOOK_SECRET": "s", "PRIVATE_KEY": "-----BEGIN nothing"}
    with pytest.raises(Misconfigured, match="key is none"):
        checked(read(given, state=str(tmp_path)))
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="can't be written"):
        checked(read(given, state=str(tmp_path / "file" / "state")))


def test_credentials_that_can_not_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / CREDENTIALS).write_text("{}")
    with pytest.raises(Misconfigured, match="can't be read"):
        read({}, state=str(tmp_path))
