"""What is fetched from GitHub: run logs, artifacts, source. Tokens never stand in an argument list, a URL or a file."""

from __future__ import annotations

import base64
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from bot.adapters.github_answers import MOVED
from bot.adapters.github_client import HEADERS, HOPS, TIMEOUT_SECONDS, USER_AGENT, Client
from bot.diary import told
from bot.errors import Declined, Misconfigured, Transient

MAX_LOG_BYTES = 200_000_000
DEPTH = 50
GIT_SECONDS = 300
MOST_JOBS = 300
RENAMED = frozenset({301, 307, 308})


def run_logs(client: Client, run: int, attempt: int, target: Path) -> Path:
    """Write the zip of a run attempt's logs and return it; raises `Declined` when GitHub has none (any more).

    Where the zip is not there, it is made of the logs of the jobs that failed.
    """
    try:
        return _download(client, f"/actions/runs/{run}/attempts/{attempt}/logs", target)
    except Declined:
        jobs = _failed_jobs(client, run)
        if not jobs:
            raise
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, job in enumerate(jobs):
            part = _download(client, f"/actions/jobs/{job['id']}/logs", target.with_suffix(".txt"))
            archive.write(part, f"{number}_{''.join(one for one in job['name'] if one.isalnum())}.txt")
    return target


def _failed_jobs(client: Client, run: int) -> list[dict[str, Any]]:
    try:
        jobs = client.pages(f"/actions/runs/{run}/jobs", key="jobs", limit=MOST_JOBS)
    except Declined:
        return []
    return [one for one in jobs if one.get("conclusion") in ("failure", "timed_out")]


MEASURED = ("selfheal", "telemetry", "coverage")
REPORTED = (*MEASURED, "junit", "report", "test-results")


def artifacts(client: Client, run: int, folder: Path, words: tuple[str, ...] = REPORTED) -> tuple[Path, ...]:
    """Write the zips of a run's artifacts whose names hold one of the words, and return them."""
    made = []
    try:
        found = client.pages(f"/actions/runs/{run}/artifacts", key="artifacts")
    except Declined:
        found = []
    wanted = [one for one in found if not one.get("expired") and any(word in one["name"].lower() for word in words)]
    for one in wanted:
        try:
            made.append(_download(client, f"/actions/artifacts/{one['id']}/zip", folder / f"{one['id']}.zip"))
        except (Declined, Misconfigured) as no:  # gone meanwhile, or too large: the rest still tells
            told(f"the artifact {one['id']} is left out: {no}", repository=client.repository)
    return tuple(made)


def _download(client: Client, path: str, target: Path) -> Path:
    """Follow GitHub's short-lived link: the token goes to GitHub only, never to where the link leads."""
    try:
        first = _linked(client, path)
        if first.status_code in (404, 410):
            raise Declined(f"GitHub has no {path.rpartition('/')[2]} for {path} (any more)")
        if first.status_code == 200:
            return _written(first, target)
        if first.status_code not in MOVED or "location" not in first.headers:
            raise Transient(f"GitHub answered {first.status_code} to {path}", hint="It is tried again.")
        place = urljoin(first.url, first.headers["location"])
        agent = {"User-Agent": USER_AGENT}
        with requests.get(place, headers=agent, timeout=TIMEOUT_SECONDS, stream=True) as second:
            if second.status_code != 200:
                raise Transient(f"the link to {path} answered {second.status_code}", hint="It is tried again.")
            return _written(second, target)
    except requests.RequestException as error:
        raise Transient(f"GitHub did not answer: {type(error).__name__}", hint="It is tried again.") from error


def _linked(client: Client, path: str) -> requests.Response:
    place, fresh = f"{client.root}{path}", False
    for _ in range(HOPS):
        token = client.app.token(client.installation, client.repository, fresh=fresh)
        headers = {**HEADERS, "User-Agent": USER_AGENT, "Authorization": f"Bearer {token}"}
        address = f"{client.app.settings.github_api_url}{place}"
        answer = requests.get(address, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        if answer.status_code in RENAMED:  # of the API itself; a link to the data is a 302
            place = client.app.local(answer.headers["location"])
        elif answer.status_code == 401 and not fresh:
            fresh = True
        else:
            break
    return answer


def _written(answer: Any, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with target.open("wb") as file:
        for chunk in answer.iter_content(1 << 16):
            size += len(chunk)
            if size > MAX_LOG_BYTES:
                raise Misconfigured(f"the download is larger than {MAX_LOG_BYTES} bytes", hint="It is not read.")
            file.write(chunk)
    return target


def source(client: Client, sha: str, folder: Path) -> Path:
    """Return a checkout of a commit with some history, fetched into `folder`; raises `Transient` when that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        _git(folder, {}, "init", "--quiet", "--template=", "--initial-branch=main")
    address = f"{client.app.settings.github_server_url}/{client.repository}.git"
    fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", f"--depth={DEPTH}", address)
    try:
        _git(folder, _secret(client), *fetch, sha)
    except Transient:
        # The token may be revoked; and some servers give what a branch points at, but no commit by its name.
        _git(folder, _secret(client, fresh=True), *fetch, "+refs/heads/*:refs/selfheal/*")
    _git(folder, {}, "checkout", "--quiet", "--force", "--detach", sha)
    _git(folder, {}, "clean", "-fdxq")
    return folder


def _secret(client: Client, *, fresh: bool = False) -> dict[str, str]:
    """Return the environment by which git signs in, and nobody can read the token from a list of processes."""
    token = client.app.token(client.installation, client.repository, fresh=fresh)
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{client.app.settings.github_server_url}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


SAFE = ("core.hooksPath=/dev/null", "protocol.file.allow=never", "core.fsmonitor=false", "core.symlinks=false")


def _git(folder: Path, secret: dict[str, str], *arguments: str) -> None:
    options = [part for option in SAFE for part in ("-c", option)]
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "SSL_CERT_FILE") if key in os.environ}
    quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *options, *arguments],
            env={**kept, **quiet, **secret},
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Transient(f"git {arguments[0]} took longer than {GIT_SECONDS} s", hint="It is tried again.") from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise Transient(f"git {arguments[0]} failed: {words}", hint="It is tried again.")
