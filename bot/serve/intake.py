"""Uploads as the App keeps them: logs become a job, telemetry waits for its window to close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.adapters.uploaders import Uploaders
from bot.adapters.workflows_dbos import Job
from bot.cleaning import cleaned
from bot.errors import Declined, Refused
from bot.model import Value
from bot.ports import Store
from bot.redact import redact_bytes
from bot.serve.jobs import Jobs, Seen
from bot.telemetry import otlp
from bot.telemetry.dialects import recognised
from bot.web.intake import Upload

HEAD_BYTES = 16_384
SURE = 0.5
PART = "telemetry-part"


class Part(Value):
    """Telemetry that waits for its window: a reference to its content, and whether that is spans."""

    ref: str
    spans: bool = False


class Intake:
    """The sink of the web's uploads."""

    def __init__(self, jobs: Jobs, uploaders: Uploaders) -> None:
        self._jobs = jobs
        self.uploaders = uploaders
        self._store = jobs.store
        self._minutes = jobs.places.world.settings.window_minutes
        self._now = jobs.places.world.clock.now

    def allowed(self, token: str, repository: str) -> None:
        """Return when a token may send for a repository."""
        self.uploaders.allowed(token, repository)

    def repository_of(self, token: str) -> str:
        """Return the repository that a token is for."""
        return self.uploaders.repository_of(token)

    def installed(self, repository: str) -> None:
        """Return when the App is installed on the repository; raises `Refused` when it is not."""
        try:
            self._jobs.places.app.installation_of(repository)
        except Declined as error:
            raise Refused(f"the App is not installed on {repository}", hint="Install it there.") from error

    def logs(self, upload: Upload) -> str:
        """Keep an upload: telemetry waits for its window, the rest is healed now; the same bytes start it once."""
        logs = []
        for _, raw in upload.parts:
            data = cleaned(raw)
            if recognised(data[:HEAD_BYTES])[1] >= SURE:
                self.wait(upload.repository, Part(ref=self._store.keep(data)))
            else:
                logs.append(self._store.keep(data))
        if logs:
            branch = upload.ref.removeprefix("refs/heads/")
            asked = {
                "repository": upload.repository,
                "sha": upload.sha,
                "branch": branch,
                "refs": logs,
                "key": f"upload:{upload.id}",
                "trace": upload.id,
            }
            self._jobs.durable.start(Job(f"upload:{upload.id}", "upload", asked, partition=upload.repository))
        return upload.id

    def spans(self, repository: str, body: bytes, content_type: str) -> None:
        """Keep exported spans until their window closes."""
        found = otlp.traces(body, content_type)
        if found:
            lines = b"\n".join(msgspec.json.encode(span) for span in found)
            self.wait(repository, Part(ref=self._store.keep(redact_bytes(lines)), spans=True))

    def records(self, repository: str, body: bytes, content_type: str) -> None:
        """Keep the errors among exported log records until their window closes."""
        found = [msgspec.json.encode(event) for event in otlp.log_events(body, content_type)]
        if found:
            self.wait(repository, Part(ref=self._store.keep(redact_bytes(b"\n".join(found)))))

    def wait(self, repository: str, part: Part) -> None:
        """Keep a part, and let a job run when the window it falls in closes."""
        self._store.save(part, kind=PART, repository=repository, key=part.ref)
        seconds = self._minutes * 60
        number = int(self._now() // seconds)
        key = f"window:{repository}:{number}"
        data = {"repository": repository, "window": number, "key": key, "trace": key}
        delay = (number + 1) * seconds - self._now()
        self._jobs.durable.start(Job(str(data["key"]), "window", data, partition=repository, delay=max(0.0, delay)))


def window(jobs: Jobs, data: Mapping[str, Any]) -> None:
    """Close a telemetry window: put its parts together and look at them with the repository as it is now."""
    from bot.adapters import github_fetch

    seconds = jobs.places.world.settings.window_minutes * 60
    begin = int(data["window"]) * seconds
    parts = jobs.store.since(begin, Part, kind=PART, repository=str(data["repository"]))
    place = jobs.places.at(data)
    sha = place.forge.head_of(place.forge.base()) or ""
    folder = jobs.places.folder(f"window-{place.repository}-{data['window']}")
    checkout = github_fetch.source(place.client, sha, folder / "source")
    telemetry = tuple(str(path) for path in waiting(jobs.store, parts))
    if not telemetry:
        raise Declined("the window is empty")
    more = {**data, "branch": place.forge.base(), "sha": sha}
    jobs.look(place, more, Seen(str(checkout), telemetry=telemetry))
    jobs.watches.wake(place.repository)


def waiting(store: Store, parts: Iterable[Part]) -> tuple[Path, ...]:
    """Return the telemetry of parts as files; spans of one trace may lie in several, so all become one file."""
    plain, spans = [], []
    decoder = msgspec.json.Decoder(otlp.Span)
    for part in parts:
        path = store.fetch(part.ref)
        if part.spans:
            spans += [decoder.decode(line) for line in path.read_bytes().splitlines()]
        else:
            plain.append(path)
    if spans:
        events = b"".join(msgspec.json.encode(event) + b"\n" for event in otlp.events(spans))
        plain.append(store.fetch(store.keep(events)))
    return tuple(plain)
