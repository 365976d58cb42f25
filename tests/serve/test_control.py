"""What commands ask of the running server: tokens, and a delivery once more; and what `doctor` finds out of the App."""

from __future__ import annotations

import json
import socket
import stat
import time
from pathlib import Path

import pytest

from bot import services
from bot.errors import Misconfigured
from bot.serve import control
from bot.serve.checkup import checkup
from bot.serve.control import Control, answered, ask
from bot.settings import Settings, read
from tests.serve.conftest import REPO, Around


def test_tokens_are_made_and_revoked_by_the_server_that_runs(around: Around) -> None:
    settings = around.running.settings
    token = services.make_token(settings, REPO)
    assert around.running.intake.repository_of(token) == REPO
    assert services.revoke_tokens(settings, REPO) == 1
    with pytest.raises(Misconfigured, match="revoked"):
        around.running.intake.repository_of(token)
    with pytest.raises(Misconfigured, match="OWNER/NAME"):
        services.make_token(settings, "nothing")


def test_a_delivery_is_worked_off_once_more(around: Around) -> None:
    around.watch("replayed")
    around.deliver("push", ref="refs/heads/main")
    (newest,) = around.running.durable.states(prefix="delivery:", limit=1)
    jobs = services.replay(around.running.settings, newest.id.removeprefix("delivery:"))
    assert len(jobs) == 1
    end = time.monotonic() + 120
    while around.seq("replayed") < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    around.running.watches.close("replayed")
    with pytest.raises(Misconfigured, match="no delivery"):
        services.replay(around.running.settings, "unknown")


def test_only_who_may_read_the_state_is_let_in(around: Around) -> None:
    folder = around.running.settings.state
    file = folder / control.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with socket.create_connection(("127.0.0.1", json.loads(file.read_text())["port"]), timeout=5) as line:
        line.sendall(b'{"word": "guessed", "deed": "token", "name": "o/n"}\n')
        assert "not allowed" in line.makefile().readline()
    assert "not understood" in answered(b"{}", "w", {})["error"]
    assert "not allowed" in answered(b'{"word": "w", "deed": "x", "name": ""}', "w", {})["error"]


def test_nobody_is_asked_where_nobody_serves(tmp_path: Path) -> None:
    settings = read({}, state=str(tmp_path / "state"))
    assert ask(settings.state, "token", REPO) is None
    with pytest.raises(Misconfigured, match="no server runs"):
        services.replay(settings, "d1")
    token = services.make_token(settings, REPO)
    assert token.startswith("shu_")
    assert services.revoke_tokens(settings, REPO) == 1


def test_a_server_that_does_not_answer_is_said(around: Around) -> None:
    folder = around.running.settings.state
    file = folder / control.FILE
    kept = file.read_text()
    file.write_text("{}")
    try:
        with pytest.raises(Misconfigured, match="does not answer"):
            ask(folder, "token", REPO)
    finally:
        file.write_text(kept)


def test_a_control_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    made = Control(tmp_path, {"echo": lambda name: name})
    assert (tmp_path / control.FILE).is_file()
    made.close()
    assert not (tmp_path / control.FILE).exists()


def found(settings: Settings) -> dict[str, tuple[bool, str]]:
    return {one.name: (one.ok, one.seen) for one in checkup(settings)}


def test_an_app_in_order_passes(around: Around) -> None:
    assert {name: ok for name, (ok, _) in found(around.running.settings).items()} == dict.fromkeys(
        ("key", "secret", "sign-in", "clock", "permissions", "events"), True
    )


def test_what_is_wrong_with_an_app_is_named(around: Around, tmp_path: Path) -> None:
    app, folder = around.app, str(tmp_path)
    kept = dict(app.permissions), list(app.events)
    app.permissions, app.events = {**app.permissions, "checks": "read"}, app.events[1:]
    given = {"APP_ID": str(app.id), "PRIVATE_KEY": app.pem, "GITHUB_API_URL": around.github.url}
    try:
        seen = found(read(given, state=folder))
    finally:
        app.permissions, app.events = kept
    assert seen["secret"] == (False, "WEBHOOK_SECRET is not set")
    assert seen["permissions"] == (False, "missing: checks: write")
    assert seen["events"] == (False, f"missing: {kept[1][0]}")
    assert found(read({**given, "PRIVATE_KEY": "none"}, state=folder))["key"][0] is False
    assert found(read({**given, "APP_ID": "99"}, state=folder))["sign-in"][0] is False
    assert found(read({}, state=folder))["app"][0] is True
