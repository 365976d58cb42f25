"""Who may send logs for a repository: a token of ours, or an OIDC token that GitHub Actions gave a job of it."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from time import time
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from bot.adapters import schema
from bot.errors import Misconfigured, Refused, Transient
from bot.settings import Settings

PREFIX = "shu_"
LEEWAY_SECONDS = 60


class Uploaders:
    """Makes, checks and revokes tokens; only their digests are kept."""

    def __init__(self, engine: Engine, settings: Settings, *, now: Callable[[], float] = time) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now
        self._keys: Any = None
        self._lock = threading.Lock()

    def make(self, repository: str) -> str:
        """Return a new token for a repository; it is shown once and never again."""
        token = PREFIX + secrets.token_urlsafe(32)
        row = {"digest": digest(token), "repository": repository.lower(), "at": self._now()}
        with self._engine.begin() as connection:
            connection.execute(insert(schema.tokens).values(**row))
        return token

    def revoke(self, repository: str) -> int:
        """Revoke all tokens of a repository and return how many there were."""
        table = schema.tokens
        with self._engine.begin() as connection:
            return int(connection.execute(delete(table).where(table.c.repository == repository.lower())).rowcount)

    def allowed(self, token: str, repository: str) -> None:
        """Return when the token may send for the repository; raises `Refused` or `Misconfigured` when not."""
        owner = self.repository_of(token)
        if owner.lower() != repository.lower():
            raise Refused(f"this token is not for {repository}", hint="Use a token of this repository.")

    def repository_of(self, token: str) -> str:
        """Return the repository that a token is for; raises `Misconfigured` when it is unknown."""
        if token.startswith(PREFIX):
            table = schema.tokens
            with self._engine.connect() as connection:
                row = connection.execute(select(table.c.repository).where(table.c.digest == digest(token))).first()
            if row is None:
                raise Misconfigured("the token is unknown or revoked", hint="Make one: selfheal token OWNER/NAME.")
            return str(row.repository)
        return str(self._claims(token)["repository"])

    def _claims(self, token: str) -> dict[str, Any]:
        import jwt

        if not self._settings.url or token.count(".") != 2:
            raise Misconfigured("the token is no token of ours", hint="Make one: selfheal token OWNER/NAME.")
        try:
            key = self._signing_keys().get_signing_key_from_jwt(token).key
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._settings.url,
                issuer=self._settings.oidc_issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "aud", "iss", "repository"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise Transient(f"the issuer's keys can't be read: {error}", hint="Send it again.") from error
        except jwt.PyJWTError as error:
            hint = f"Ask for the audience {self._settings.url}."
            raise Misconfigured(f"the OIDC token is refused: {error}", hint=hint) from None
        return claims

    def _signing_keys(self) -> Any:
        import jwt

        with self._lock:
            if self._keys is None:
                address = f"{self._settings.oidc_issuer}/.well-known/jwks"
                self._keys = jwt.PyJWKClient(address, cache_keys=True, lifespan=3600, timeout=10)
            return self._keys


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
