"""An issue of our own, found again by its hidden marker, so that nothing is said twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.github_client import Client
from bot.errors import Transient


def write(client: Client, login: str, marker: str, text: Mapping[str, str]) -> str:
    """Open an issue with the title and body of `text`, or bring the open one up to date; return its address."""
    found = _open(client, login, marker)
    if found is None:
        try:
            client.write("POST", "/issues", dict(text))
        except Transient:
            if _open(client, login, marker) is None:
                raise
        found = _open(client, login, marker)
    elif (found["title"], found.get("body") or "") != (text["title"], text["body"]):
        client.write("PATCH", f"/issues/{found['number']}", dict(text))
    if found is None:
        raise Transient("the issue was opened but is not listed yet", hint="It is tried again.")
    return str(found["html_url"])


def _open(client: Client, login: str, marker: str) -> dict[str, Any] | None:
    listed = client.pages(f"/issues?state=open&creator={quote(login, safe='')}", limit=500)
    mine = [one for one in listed if marker in (one.get("body") or "") and "pull_request" not in one]
    return mine[0] if mine else None
