"""One frozen value with all settings, read from the environment at the edge and passed in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import Misconfigured


@dataclass(frozen=True)
class ModelSettings:
    """The language model to ask last: `name` is `openai:NAME` or `anthropic:NAME`, empty for none.

    `tokens` is what one run may spend; `transcript` is where answers are written, `replay` where they are read instead.
    """

    name: str = ""
    url: str = ""
    key: str = field(default="", repr=False)
    tokens: int = 50_000
    transcript: Path | None = None
    replay: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Everything the environment may set; names are those of the environment in lower case."""

    state: Path
    app_id: str = ""
    private_key: str = field(default="", repr=False)
    private_key_path: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_secret_previous: str = field(default="", repr=False)
    github_api_url: str = "https://api.github.com"
    github_server_url: str = "https://github.com"
    database_url: str = field(default="", repr=False)
    port: int = 8000
    host: str = "127.0.0.1"
    log_level: str = "INFO"
    url: str = ""
    oidc_issuer: str = "https://token.actions.githubusercontent.com"
    window_minutes: float = 15.0
    pace_seconds: float = 1.0
    poll_seconds: float = 60.0
    model: ModelSettings = ModelSettings()

    @property
    def database(self) -> str:
        """Return the SQLAlchemy address of the store: `DATABASE_URL`, else a file in the state folder."""
        return self.database_url or f"sqlite:///{self.state / 'selfheal.sqlite3'}"


def default_state() -> Path:
    """Return the platform's data folder for this program."""
    import platformdirs

    return Path(platformdirs.user_data_dir("selfheal", appauthor=False))


CREDENTIALS = "credentials.json"  # what `serve --setup` stored; the environment goes before it
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _address(environment: Mapping[str, str], key: str, default: str) -> str:
    found = (environment.get(key, "") or default).rstrip("/")
    parts = urlsplit(found)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return found
    raise Misconfigured(f"{key}={found!r} is not a safe address", hint="Use https://...; http only on this machine.")


def _server(api: str) -> str:
    """Return the address that people and git use where the API lies at `api`: github.com, or the same host."""
    parts = urlsplit(api)
    return "https://github.com" if parts.hostname == "api.github.com" else f"{parts.scheme}://{parts.netloc}"


def _number(environment: Mapping[str, str], key: str, default: float, *, least: float) -> float:
    text = environment.get(key, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise Misconfigured(f"{key}={text!r} is not a number", hint=f"Set {key} to a number, or unset it.") from None
    if value < least:
        raise Misconfigured(f"{key}={text} is below {least:g}", hint=f"Set {key} to {least:g} or more.")
    return value


def _stored(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / CREDENTIALS).read_text(encoding="utf-8"))
        return {key: str(found[key]) for key in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET")}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "Set the App's credentials in the environment, or remove the file and set up again."
        raise Misconfigured(f"{folder / CREDENTIALS} can't be read: {error}", hint=hint) from None


def read(environment: Mapping[str, str] | None = None, *, state: str | None = None) -> Settings:
    """Return the settings of an environment (the process's own by default); raises `Misconfigured` on a bad value."""
    env = os.environ if environment is None else environment
    chosen = state or env.get("SELFHEAL_STATE", "")
    folder = Path(chosen).expanduser().resolve() if chosen else default_state()
    if not env.get("APP_ID"):
        env = {**env, **_stored(folder)}
    api = _address(env, "GITHUB_API_URL", "https://api.github.com")
    return Settings(
        state=folder,
        app_id=env.get("APP_ID", ""),
        private_key=env.get("PRIVATE_KEY", ""),
        private_key_path=env.get("PRIVATE_KEY_PATH", ""),
        webhook_secret=env.get("WEBHOOK_SECRET", ""),
        webhook_secret_previous=env.get("WEBHOOK_SECRET_PREVIOUS", ""),
        github_api_url=api,
        github_server_url=_address(env, "GITHUB_SERVER_URL", _server(api)),
        database_url=env.get("DATABASE_URL", ""),
        port=int(_number(env, "PORT", 8000, least=0)),
        host=env.get("HOST", "127.0.0.1"),
        log_level=env.get("LOG_LEVEL", "INFO").upper(),
        url=env.get("SELFHEAL_URL", "").rstrip("/"),
        oidc_issuer=env.get("SELFHEAL_OIDC_ISSUER", "https://token.actions.githubusercontent.com"),
        window_minutes=_number(env, "SELFHEAL_WINDOW", 15.0, least=0.01),
        pace_seconds=_number(env, "SELFHEAL_PACE_SECONDS", 1.0, least=0.0),
        poll_seconds=_number(env, "SELFHEAL_POLL_SECONDS", 60.0, least=0.1),
        model=_model(env),
    )


def _model(env: Mapping[str, str]) -> ModelSettings:
    transcript, replay = env.get("SELFHEAL_MODEL_TRANSCRIPT", ""), env.get("SELFHEAL_MODEL_REPLAY", "")
    return ModelSettings(
        name=env.get("SELFHEAL_MODEL", ""),
        url=_address(env, "SELFHEAL_MODEL_URL", "") if env.get("SELFHEAL_MODEL_URL") else "",
        key=env.get("SELFHEAL_MODEL_KEY", ""),
        tokens=int(_number(env, "SELFHEAL_MODEL_TOKENS", 50_000, least=0)),
        transcript=Path(transcript).expanduser().resolve() if transcript else None,
        replay=Path(replay).expanduser().resolve() if replay else None,
    )
