"""The receiver and the uploads over HTTP, on a real server with a sink that keeps things in memory."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from bot.errors import Misconfigured, Refused, Transient
from bot.web.intake import MAX_EXPANDED, Upload, expanded
from bot.web.intake import router as uploads
from bot.web.webhook import MAX_BYTES, Receiver, own, router, signed
from tests.github.bot import free_port

SHA = "0123456789" * 4


class Memory:
    """Keeps deliveries and uploads; a token is the repository's name, a broken store is switched on."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[str, str]] = []
        self.uploads: list[Upload] = []
        self.spans_kept: list[tuple[str, bytes]] = []
        self.broken = False

    def keep(self, delivery_id: str, event: str, body: bytes) -> Future[bool]:
        done: Future[bool] = Future()
        if self.broken:
            done.set_exception(Transient("the disk is full", hint="Send it again."))
        else:
            self.deliveries.append((delivery_id, event))
            done.set_result(True)
        return done

    def allowed(self, token: str, repository: str) -> None:
        if self.repository_of(token) != repository:
            raise Refused("not for this repository")

    def repository_of(self, token: str) -> str:
        if "/" not in token:
            raise Misconfigured("unknown token")
        return token

    def installed(self, repository: str) -> None:
        if repository.startswith("else/"):
            raise Refused("not installed")

    def logs(self, upload: Upload) -> str:
        if self.broken:
            raise Transient("the disk is full", hint="Send it again.")
        self.uploads.append(upload)
        return upload.id

    def spans(self, repository: str, body: bytes, content_type: str) -> None:
        self.spans_kept.append((repository, body))

    def records(self, repository: str, body: bytes, content_type: str) -> None:
        raise Misconfigured("no log request")


@pytest.fixture(scope="module")
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="module")
def address(memory: Memory) -> Iterator[str]:
    app = FastAPI()
    app.include_router(router(Receiver(("new", "old"), memory.keep, lambda: frozenset({"selfheal[bot]"}))))
    app.include_router(uploads(memory))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(autouse=True)
def empty(memory: Memory) -> None:
    memory.deliveries.clear()
    memory.uploads.clear()
    memory.broken = False


def send(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(address, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def hook(
    address: str, body: bytes, *, secret: str = "new", event: str = "push", path: str = "/webhook", guid: str = "g1"
) -> Any:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": guid, "X-Hub-Signature-256": f"sha256={digest}"}
    return send(address + path, body, headers)


@pytest.mark.parametrize("secret", ["new", "old"])
@pytest.mark.parametrize("path", ["/webhook", "/api/github/webhooks"])
def test_a_signed_delivery_is_kept(address: str, memory: Memory, secret: str, path: str) -> None:
    assert hook(address, b'{"a": 1}', secret=secret, path=path) == (202, {"id": "g1"})
    assert memory.deliveries == [("g1", "push")]


def test_a_wrong_signature_is_refused(address: str, memory: Memory) -> None:
    assert hook(address, b"{}", secret="wrong")[0] == 401
    assert send(address + "/webhook", b"{}", {"X-GitHub-Event": "push", "X-GitHub-Delivery": "g"})[0] == 401
    assert memory.deliveries == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'"\xff"'])
def test_a_body_that_is_no_object_is_refused(address: str, body: bytes) -> None:
    assert hook(address, body)[0] == 400


def test_a_delivery_without_its_headers_is_refused(address: str) -> None:
    assert hook(address, b"{}", guid="x" * 200)[0] == 400
    assert hook(address, b"{}", event="")[0] == 400


def test_what_is_not_handled_is_accepted_and_not_kept(address: str, memory: Memory) -> None:
    assert hook(address, b"{}", event="star")[0] == 202
    assert hook(address, b'{"sender": {"login": "selfheal[bot]"}}', event="pull_request")[0] == 202
    assert memory.deliveries == []


def test_a_store_that_fails_asks_for_another_try(address: str, memory: Memory) -> None:
    memory.broken = True
    status, said = hook(address, b"{}")
    assert (status, said["error"]) == (503, "the disk is full")


def test_a_large_delivery_is_kept_and_too_large_a_one_is_not(address: str, memory: Memory) -> None:
    assert hook(address, b'{"a": "' + b"x" * 2_000_000 + b'"}')[0] == 202
    request = urllib.request.Request(address + "/webhook", data=b"x", headers={"Content-Length": str(MAX_BYTES + 1)})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=10)
    assert error.value.code == 413


def test_signatures_are_checked_against_every_secret() -> None:
    good = "sha256=" + hmac.new(b"b", b"x", hashlib.sha256).hexdigest()
    assert signed(b"x", good, ("a", "b"))
    assert not signed(b"x", good, ("a", ""))
    assert not signed(b"x", "", ("",))


def test_our_own_events_are_known_by_their_sender() -> None:
    assert own({"sender": {"login": "SelfHeal[bot]"}}, frozenset({"selfheal[bot]"}))
    assert not own({"sender": None}, frozenset({"selfheal[bot]"}))


def upload(address: str, body: bytes, *, token: str = "o/n", kind: str = "text/plain", query: str = "") -> Any:
    where = query or f"repository=o/n&sha={SHA}&ref=refs/heads/main&workflow=CI"
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    return send(f"{address}/api/logs?{where}", body, headers)


def test_an_upload_is_kept_and_the_same_bytes_have_the_same_id(address: str, memory: Memory) -> None:
    first, second = upload(address, b"a log"), upload(address, b"a log")
    assert first == second
    assert first[0] == 202
    assert upload(address, b"another")[1] != first[1]
    assert memory.uploads[0].parts == (("log", b"a log"),)
    assert (memory.uploads[0].ref, memory.uploads[0].workflow) == ("refs/heads/main", "CI")


def test_a_form_holds_several_files(address: str, memory: Memory) -> None:
    body = (
        b'--X\r\nContent-Disposition: form-data; name="log"; filename="ci.log"\r\n\r\none\r\n'
        b'--X\r\nContent-Disposition: form-data; name="junit"\r\n\r\ntwo\r\n--X--\r\n'
    )
    assert upload(address, body, kind="multipart/form-data; boundary=X")[0] == 202
    assert memory.uploads[0].parts == (("ci.log", b"one"), ("junit", b"two"))
    assert upload(address, b"nothing", kind="multipart/form-data")[0] == 400


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"token": ""}, 401),
        ({"token": "unknown"}, 401),
        ({"token": "o/other"}, 403),
        ({"query": f"repository=else/n&sha={SHA}", "token": "else/n"}, 404),
        ({"query": "repository=o/n&sha=short"}, 400),
        ({"query": f"repository=../n&sha={SHA}"}, 400),
        ({"kind": "video/mp4"}, 415),
    ],
)
def test_an_upload_is_refused_with_its_reason(address: str, more: dict[str, str], status: int) -> None:
    got, said = upload(address, b"x", **more)
    assert got == status
    assert said["error"]


def test_an_empty_upload_is_refused(address: str) -> None:
    assert upload(address, b"")[0] == 400


def test_an_upload_that_can_not_be_kept_comes_again(address: str, memory: Memory) -> None:
    memory.broken = True
    assert upload(address, b"x")[0] == 503


def otlp(
    address: str, body: bytes, *, token: str = "o/n", kind: str = "application/json", path: str = "/v1/traces"
) -> Any:
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    return send(address + path, body, headers)


def test_spans_are_kept_for_the_repository_of_the_token(address: str, memory: Memory) -> None:
    assert otlp(address, gzip.compress(b"{}"))[0] == 200
    assert memory.spans_kept[-1] == ("o/n", b"{}")
    assert otlp(address, b"", kind="application/x-protobuf") == (200, {})


def test_spans_are_refused_with_their_reason(address: str) -> None:
    assert otlp(address, b"{}", token="")[0] == 401
    assert otlp(address, b"{}", token="unknown")[0] == 401
    assert otlp(address, b"{}", kind="text/plain")[0] == 415
    assert otlp(address, b"\x1f\x8b broken")[0] == 400
    assert otlp(address, b"{}", path="/v1/logs")[0] == 400


def test_a_body_that_grows_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Misconfigured, match="grows beyond"):
        expanded(gzip.compress(b"\0" * (MAX_EXPANDED + 1)), "gzip")
    assert expanded(b"plain", "") == b"plain"
