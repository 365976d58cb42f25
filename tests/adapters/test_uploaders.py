"""Who may send logs: our own tokens, and OIDC tokens whose keys a real server of the issuer gives."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.adapters.store import open_store
from bot.adapters.uploaders import Uploaders
from bot.errors import Misconfigured, Refused, Transient
from bot.settings import Settings

URL = "https://bot.example"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """An issuer that publishes one key."""
    shown = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "use": "sig"}

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": [shown]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def uploaders(folder: Path, issuer: str = "http://127.0.0.1:9", url: str = URL) -> Uploaders:
    """Return uploaders on a store of their own."""
    return Uploaders(
        open_store(Settings(state=folder).database, folder).engine, Settings(state=folder, url=url, oidc_issuer=issuer)
    )


def signed(issuer: str, **over: Any) -> str:
    """Return a token as GitHub Actions would sign it."""
    now = int(time.time())
    claims = {"iss": issuer, "aud": URL, "iat": now, "exp": now + 300, "repository": "o/n", **over}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, KEY, "RS256", headers={"kid": "k1"})


def test_a_token_is_good_for_its_repository_until_it_is_revoked(tmp_path: Path) -> None:
    known = uploaders(tmp_path)
    token = known.make("O/n")
    known.allowed(token, "o/N")
    with pytest.raises(Refused, match="not for o/other"):
        known.allowed(token, "o/other")
    assert known.revoke("o/n") == 1
    with pytest.raises(Misconfigured, match="unknown or revoked"):
        known.allowed(token, "o/n")


def test_a_signed_token_speaks_for_the_repository_it_names(tmp_path: Path, issuer: str) -> None:
    known = uploaders(tmp_path, issuer)
    known.allowed(signed(issuer), "o/n")
    with pytest.raises(Refused):
        known.allowed(signed(issuer), "o/other")


@pytest.mark.parametrize(
    "over",
    [
        {"aud": "https://someone.else"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"repository": None},
    ],
    ids=["audience", "issuer", "expired", "no repository"],
)
def test_a_token_for_someone_else_is_refused(tmp_path: Path, issuer: str, over: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="OIDC token is refused"):
        uploaders(tmp_path, issuer).repository_of(signed(issuer, **over))


def test_a_token_signed_by_another_key_is_refused(tmp_path: Path, issuer: str) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": issuer, "aud": URL, "iat": int(time.time()), "exp": int(time.time()) + 300, "repository": "o/n"}
    with pytest.raises(Misconfigured, match="refused"):
        uploaders(tmp_path, issuer).repository_of(jwt.encode(claims, other, "RS256", headers={"kid": "k1"}))


@pytest.mark.parametrize(("text", "url"), [("abc", URL), ("a.b.c", "")], ids=["no token", "no address of our own"])
def test_what_is_no_token_of_ours_is_told_how_to_make_one(tmp_path: Path, text: str, url: str) -> None:
    with pytest.raises(Misconfigured) as told:
        uploaders(tmp_path, url=url).repository_of(text)
    assert "selfheal token" in told.value.hint


def test_unreachable_keys_are_a_failure_of_the_moment(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="can't be read"):
        uploaders(tmp_path).repository_of(signed("http://127.0.0.1:9"))
