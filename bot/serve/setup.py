"""`/setup`: GitHub's manifest flow, which creates the App and gives us its credentials; once, before serving.

The page sends the manifest (`app.yml` with this server's addresses put in) to GitHub, a person confirms there, GitHub
sends the browser back with a code, and the code is exchanged for the App's id, key and webhook secret.
"""

from __future__ import annotations

import hmac
import html
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from ruamel.yaml import YAML

from bot import __version__
from bot.adapters.github_answers import spoken
from bot.adapters.github_client import HEADERS, requester
from bot.errors import BotError, Misconfigured
from bot.settings import CREDENTIALS, Settings

DONE, HOOK = "/setup/done", "/api/github/webhooks"
NAME_CHARS = 34  # GitHub's limit for the name of an App
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>self-healing bot</title>
<body style="font: 1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">{body}</body></html>"""
FORM = """<h1>Create the GitHub App</h1>
<p>GitHub asks you to confirm the name, then sends you back here. Webhooks will go to <code>{hook}</code>;
GitHub must be able to reach it.</p>
<form action="{action}" method="post"><input type="hidden" name="manifest" value="{manifest}">
<button type="submit">Create it on {server}</button></form>
<p>For an organisation: <code>/setup?organization=NAME</code>. Under another name: <code>/setup?name=NAME</code>.</p>"""
CREATED = """<h1>{slug} is there</h1><p>Its credentials are stored in <code>{file}</code>,
readable by this user only.</p>
<p><a href="{url}/installations/new">Install it on a repository</a>; this server goes on by itself.</p>"""


def manifest_file() -> Path:
    """Return the manifest that the program was shipped with."""
    shipped = Path(__file__).parent.parent / "data" / "app.yml"
    return shipped if shipped.is_file() else Path(__file__).parent.parent.parent / "app.yml"


def manifest(address: str, name: str = "") -> dict[str, Any]:
    """Return the manifest with the addresses of the server at `address`, and another name where one is given."""
    made: dict[str, Any] = YAML(typ="safe").load(manifest_file().read_text(encoding="utf-8"))
    made |= {"url": address, "redirect_url": address + DONE, "hook_attributes": {"url": address + HOOK, "active": True}}
    if name:
        made["name"] = name[:NAME_CHARS]
    return made


class Setup:
    """One walk through the flow: the state that guards it, and where the credentials go."""

    def __init__(self, settings: Settings, created: Callable[[], None] = lambda: None) -> None:
        self.settings = settings
        self.created = created
        self.state = secrets.token_urlsafe(24)

    def address(self, request: Request) -> str:
        """Return the address of this server: `SELFHEAL_URL`, else as the browser sees it."""
        return self.settings.url or str(request.base_url).rstrip("/")

    def form(self, request: Request) -> HTMLResponse:
        """Return the page that sends the manifest to GitHub."""
        address, server = self.address(request), self.settings.github_server_url
        organization = request.query_params.get("organization", "")
        owner = f"/organizations/{organization}" if organization.replace("-", "").isalnum() else ""
        wanted = manifest(address, request.query_params.get("name", ""))
        body = FORM.format(
            action=html.escape(f"{server}{owner}/settings/apps/new?state={self.state}"),
            manifest=html.escape(json.dumps(wanted)),
            hook=html.escape(address + HOOK),
            server=html.escape(server),
        )
        return HTMLResponse(PAGE.format(body=body))

    def done(self, request: Request) -> HTMLResponse:
        """Exchange the code for the credentials and store them; 400 for a walk that did not begin here."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not hmac.compare_digest(state.encode(), self.state.encode()) or not code.replace("-", "").isalnum():
            return said(400, "This did not begin here. Open /setup again.")
        try:
            made = exchanged(self.settings, code)
            file = stored(self.settings, made)
        except BotError as error:
            return said(502, error.explained())
        self.created()
        body = CREATED.format(
            slug=html.escape(made["slug"]), file=html.escape(str(file)), url=html.escape(made["html_url"])
        )
        return HTMLResponse(PAGE.format(body=body))


def said(status: int, text: str) -> HTMLResponse:
    """Return a page that says one thing."""
    return HTMLResponse(PAGE.format(body=f"<p>{html.escape(text)}</p>"), status_code=status)


def exchanged(settings: Settings, code: str) -> dict[str, Any]:
    """Return what GitHub knows of the App that it just created: id, slug, key, webhook secret."""
    speaker = requester(settings, None)
    path = f"/app-manifests/{code}/conversions"
    made: dict[str, Any] = spoken(lambda: speaker.requestJson("POST", path, headers=dict(HEADERS))).data
    return made


def stored(settings: Settings, made: dict[str, Any]) -> Path:
    """Write the credentials to the state folder, readable by this user; raises `Misconfigured` when some are there."""
    settings.state.mkdir(parents=True, exist_ok=True)
    file = settings.state / CREDENTIALS
    kept = {"APP_ID": str(made["id"]), "PRIVATE_KEY": made["pem"], "WEBHOOK_SECRET": made["webhook_secret"]}
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise Misconfigured(f"{file} is there already", hint="Remove it to set up another App.") from None
    file.write_text(json.dumps({**kept, "slug": made["slug"]}), encoding="utf-8")
    return file


def application(settings: Settings, created: Callable[[], None]) -> FastAPI:
    """Return the web application that only sets up; `created` is called when the credentials are stored."""
    setup = Setup(settings, created)
    made = FastAPI(title="self-healing bot", version=__version__, docs_url=None, redoc_url=None)
    made.add_api_route("/setup", setup.form, methods=["GET"], include_in_schema=False)
    made.add_api_route(DONE, setup.done, methods=["GET"], include_in_schema=False)
    made.add_api_route("/healthz", lambda: {"status": "setup", "version": __version__}, methods=["GET"])
    made.add_api_route("/readyz", _not_ready, methods=["GET"])
    return made


def _not_ready() -> JSONResponse:
    return JSONResponse({"status": "not ready", "error": "the App is not set up", "hint": "Open /setup."}, 503)


def finished() -> APIRouter:
    """Return the route that tells, once the App runs, that there is nothing to set up."""
    made = APIRouter()
    made.add_api_route("/setup", lambda: said(200, "This App is set up."), methods=["GET"], include_in_schema=False)
    return made


def walk(settings: Settings) -> None:
    """Serve the set-up pages until the credentials are stored; raises `Misconfigured` when there are some already."""
    import uvicorn

    if settings.app_id:
        hint = f"Start without --setup, or remove APP_ID or {settings.state / CREDENTIALS}."
        raise Misconfigured("an App is set up already", hint=hint)
    held: list[uvicorn.Server] = []
    web = application(settings, lambda: setattr(held[0], "should_exit", True))
    held.append(uvicorn.Server(uvicorn.Config(web, host=settings.host, port=settings.port, log_config=None)))
    held[0].run()
    if not (settings.state / CREDENTIALS).is_file():
        raise Misconfigured("no App was set up", hint="Open /setup in a browser while this runs.")
