"""Every payload that GitHub's own examples hold, validly signed, is accepted, kept and worked off without a fault."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from bot.app import Options
from bot.serve.server import Running, create
from bot.settings import read
from bot.web.events import EVENTS
from tests.github import StandIn
from tests.github.bot import free_port
from tests.serve import examples

REPO = "acme/depot"
SHAPES: list[tuple[str, dict[str, Any]]] = [(event, {"action": "completed", "zen": "x"}) for event in (*EVENTS, "ping")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, int]]:
    folder = tmp_path_factory.mktemp("examples")
    with StandIn(folder / "github", actions=False) as github:
        github.repo(REPO, {"a.py": "x = 1\n"})
        app = github.app()
        github.install(app, REPO)
        given = {"APP_ID": str(app.id), "PRIVATE_KEY": app.pem, "WEBHOOK_SECRET": app.secret}
        more = {"GITHUB_API_URL": github.url, "GITHUB_SERVER_URL": github.url, "SELFHEAL_PACE_SECONDS": "0"}
        web = create(
            read({**given, **more, "LOG_LEVEL": "ERROR"}, state=str(folder / "state")), Options(trust_code=True)
        )
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(web, host="127.0.0.1", port=port, log_config=None))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield web.state.running, port
        server.should_exit = True
        thread.join(timeout=20)


def posted(port: int, payloads: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, int]]:
    """Send the payloads signed, over one connection, and return event and status of each."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    statuses = []
    for event, payload in payloads:
        body = json.dumps(payload).encode()
        digest = hmac.new(b"webhook-secret", body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": f"sha256={digest}"}
        line.request("POST", "/webhook", body, {**headers, "X-GitHub-Delivery": str(uuid.uuid4())})
        answer = line.getresponse()
        answer.read()
        statuses.append((event, answer.status))
    line.close()
    return statuses


def worked_off(running: Running) -> None:
    """Return when no job is left; fails when one ended in a fault."""
    end = time.monotonic() + 200
    while busy := [one for one in running.durable.states(live=True) if one.status != "DELAYED"]:
        assert time.monotonic() < end, busy[:3]
        time.sleep(0.1)
    assert [one for one in running.durable.states(limit=5000) if one.status == "ERROR"] == []


def test_the_shapes_that_we_handle_are_accepted(served: tuple[Running, int]) -> None:
    running, port = served
    assert {status for _, status in posted(port, SHAPES)} == {202}
    worked_off(running)


def test_every_example_of_github_is_accepted(served: tuple[Running, int], capsys: pytest.CaptureFixture[str]) -> None:
    payloads = examples.payloads()
    if payloads is None:
        with capsys.disabled():
            print(f"\nSKIPPED: {examples.PACKAGE} is not here and npm can't fetch it; 329 payloads were not tried.")
        pytest.skip(f"{examples.PACKAGE} can't be fetched")
    assert len(payloads) == 329
    running, port = served
    assert [one for one in posted(port, payloads) if one[1] != 202] == []
    worked_off(running)
