"""What `doctor` asks of the GitHub App: key, secret, clock, and what GitHub granted it against `app.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from bot.adapters.github_answers import Answer
from bot.adapters.github_client import GitHubApp
from bot.errors import BotError
from bot.serve.server import key_checked
from bot.serve.setup import manifest
from bot.services import Finding
from bot.settings import Settings

SKEW_SECONDS = 30.0  # a token is dated a minute back, so that a little does no harm


def checkup(settings: Settings) -> Iterator[Finding]:
    """Yield what was checked of the App and what came out; one finding where none is set up."""
    if not settings.app_id:
        yield Finding("app", True, "none is set up; only `serve` needs one (`selfheal serve --setup`)")
        return
    try:
        key_checked(settings)
    except BotError as error:
        yield Finding("key", False, str(error), error.hint)
        return
    yield Finding("key", True, "the App's private key can be read")
    yield _secret(settings)
    try:
        answer = GitHubApp(settings).answer("GET", "/app")
    except BotError as error:
        yield Finding("sign-in", False, str(error), error.hint)
        return
    yield Finding("sign-in", True, f"GitHub knows the App as {answer.data['slug']}")
    yield _clock(answer)
    yield _permissions(answer.data.get("permissions") or {})
    yield _events(answer.data.get("events") or [])


def _secret(settings: Settings) -> Finding:
    both = " and the one before it" if settings.webhook_secret_previous else ""
    seen = f"the webhook secret is set{both}" if settings.webhook_secret else "WEBHOOK_SECRET is not set"
    return Finding("secret", bool(settings.webhook_secret), seen, "Set it to the secret of the App's webhook.")


def _clock(answer: Answer) -> Finding:
    stamp = answer.headers.get("date", "")
    apart = abs(time() - parsedate_to_datetime(stamp).timestamp()) if stamp else 0.0
    seen = f"{apart:.0f} s apart from GitHub's"
    return Finding("clock", apart <= SKEW_SECONDS, seen, "Set this machine's clock, for example with NTP.")


def _permissions(granted: Mapping[str, Any]) -> Finding:
    wanted: dict[str, str] = manifest("")["default_permissions"]
    missing = [
        f"{name}: {level}" for name, level in wanted.items() if granted.get(name) not in (level, "write", "admin")
    ]
    seen = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} of app.yml"
    return Finding(
        "permissions", not missing, seen, "Grant them in the App's settings, then accept them where installed."
    )


def _events(subscribed: list[str]) -> Finding:
    wanted = manifest("")["default_events"]
    missing = [name for name in wanted if name not in subscribed]
    seen = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} of app.yml"
    return Finding("events", not missing, seen, "Subscribe to them in the App's settings.")
