"""Where recorded beats go: a file that several processes append to, or an OTLP receiver; neither ever raises."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Callable, NamedTuple

LINES, SECONDS, BYTES = 64, 0.5, 2_000_000_000  # held lines and their age before they are written; a file's most
QUEUE, BATCH, PATIENCE = 20_000, 500, 5.0  # spans waiting, spans in a request, seconds for an answer
_as_json = json.JSONEncoder(separators=(",", ":")).encode
BUSY = (429, 502, 503, 504)
counts = {"written": 0, "dropped": 0}
_second = (0, "")


class Plan(NamedTuple):
    """What is known of a beat before it runs; `bound` says that its first argument is an object or a class."""

    handler: str
    sequence: str = ""
    number: int | None = None
    values: bool | None = None
    sample: float | None = None
    names: tuple[str, ...] = ()
    bound: bool = False


class Call(NamedTuple):
    """A beat that runs: its plan, where it belongs, its start by both clocks in nanoseconds, its recorded values."""

    plan: Plan
    sequence: str
    execution: str
    at: int
    clock: int
    context: dict[str, Any]


class File:
    """Appends lines of JSON; in a folder (and on Windows) each process has a file of its own."""

    def __init__(self, path: str, at_exit: Callable[[], None]) -> None:
        self._folder = path.endswith(("/", os.sep)) or os.path.isdir(path) or os.name == "nt"
        self._path, self._at_exit = os.path.abspath(path), at_exit
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._file, self._flushed, self._size, self._known = -1, 0, 0, False

    def started(self, call: Call) -> None:
        """Take the start of a beat."""
        self._put(_line("beat-started", call, call.at, ""), call.at)

    def ended(self, call: Call, at: int, took: float, error: str | None) -> None:
        """Take the end of a beat: UTC in nanoseconds, milliseconds, and the text of its error, written at once."""
        more = ',"duration_ms":%.6f' % took
        values = ',"context":%s' % _as_json(call.context) if call.context else ""
        if error is None:
            self._put(_line("beat-completed", call, at, more + values), at)
            return
        told = _line("error", call, at, '%s,"error":%s%s' % (more, json.dumps(error), values))
        self._put(told + _line("beat-completed", call, at, more), at)
        self.flush()

    def _put(self, line: str, at: int) -> None:
        self._lines.append(line)
        if len(self._lines) >= LINES or not 0 <= at - self._flushed < SECONDS * 1e9:
            self._flushed = at
            self.flush()

    def flush(self, last: bool = False) -> None:
        """Write what is held; only the `last` time it waits for a thread that writes already.

        Else a signal handler that comes in while its own thread writes would wait for ever.
        """
        if not self._lock.acquire(timeout=2 if last else 0):
            return
        count = 0
        try:
            count = len(self._lines)
            data = "".join(self._lines[:count]).encode("utf-8", "replace")
            del self._lines[:count]
            if data:
                self._write(data)
                counts["written"] += data.count(b"\n")
        except OSError:
            counts["dropped"] += count
        finally:
            self._lock.release()

    def _write(self, data: bytes) -> None:
        if not self._known:
            self._known = True
            self._at_exit()
        if self._size > BYTES:
            raise OSError("the file is large enough")
        if self._file < 0:
            path = os.path.join(self._path, "selfheal-%d.jsonl" % os.getpid()) if self._folder else self._path
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._size += len(data)
        while data:  # whole lines in one call: processes that append to one file don't mix them
            data = data[os.write(self._file, data) :]

    def before_fork(self) -> None:
        """Write what is held, so that a child has nothing of it."""
        self.flush()

    def forked(self) -> None:
        """Forget, in a child, what belongs to the parent process."""
        self._lines, self._lock, self._known = [], threading.Lock(), False
        if self._folder:
            self._file = -1

    def close(self) -> None:
        """Write what is held and close the file."""
        self.flush(last=True)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Http:
    """Sends spans in batches from a thread of its own."""

    def __init__(self, address: str, token: str, at_exit: Callable[[], None]) -> None:
        self._address = address if "/v1/" in address else address.rstrip("/") + "/v1/traces"
        self._headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        self._headers.update({"Authorization": "Bearer " + token} if token else {})
        self._at_exit = at_exit
        self._spans: list[Any] = []
        self._thread: threading.Thread | None = None
        self._wake, self._lock, self._over = threading.Event(), threading.Lock(), False

    def started(self, call: Call) -> None:
        """Take the start of a beat: its span is sent when it ends."""

    def ended(self, call: Call, at: int, took: float, error: str | None) -> None:
        """Take the end of a beat: UTC in nanoseconds, milliseconds, and the text of its error."""
        if len(self._spans) >= QUEUE:
            counts["dropped"] += 1
            return
        self._spans.append((call, at, error))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="selfheal-recorder", daemon=True)
            self._thread.start()
            self._at_exit()
        if len(self._spans) >= BATCH:
            self._wake.set()

    def _run(self) -> None:
        while not self._over:
            self._wake.wait(1.0)
            self._wake.clear()
            self.flush()

    def flush(self, last: bool = False) -> None:
        """Send what waits; the `last` time for a few seconds only."""
        until = time.monotonic() + (PATIENCE if last else 3600)
        while self._spans and time.monotonic() < until:
            with self._lock:
                batch = self._spans[:BATCH]
                del self._spans[: len(batch)]
            sent = bool(batch) and self._send(gzip.compress(json.dumps(_request(batch)).encode(), 1), last)
            counts["written" if sent else "dropped"] += len(batch)

    def _send(self, body: bytes, last: bool) -> bool:
        for wait in (0.0,) if last else (0.2, 2.0, 0.0):
            try:
                asked = urllib.request.Request(self._address, body, self._headers)
                urllib.request.urlopen(asked, timeout=PATIENCE).close()
                return True
            except urllib.error.HTTPError as refusal:
                refusal.close()
                if refusal.code not in BUSY:
                    return False
            except Exception:
                pass
            time.sleep(wait)
        return False

    def before_fork(self) -> None:
        """Do nothing: a child forgets what waits, and the parent sends it."""

    def forked(self) -> None:
        """Begin anew, as in a child that has no thread."""
        self._spans, self._thread = [], None
        self._wake, self._lock, self._over = threading.Event(), threading.Lock(), False

    def close(self) -> None:
        """Send what waits and end the thread."""
        self.flush(last=True)
        self._over = True
        self._wake.set()


@functools.lru_cache(maxsize=4096)
def _fixed(event: str, plan: Plan, sequence: str) -> str:
    parts = ',"event":"%s","handler":%s' % (event, json.dumps(plan.handler))
    parts += ',"sequence":%s' % json.dumps(sequence) if sequence else ""
    return parts + (',"beat":%d' % plan.number if plan.number is not None else "")


def _line(event: str, call: Call, at: int, more: str) -> str:
    named = ',"execution":%s' % json.dumps(call.execution) if call.execution else ""
    return '{"timestamp":"%s"%s%s%s}\n' % (_stamp(at), _fixed(event, call.plan, call.sequence), named, more)


def _stamp(at: int) -> str:
    global _second  # noqa: PLW0603 - formatting the second anew for each event would cost more than all the rest
    second, rest = divmod(at, 1_000_000_000)
    known = _second
    if known[0] != second:
        known = _second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
    return "%s.%09dZ" % (known[1], rest)


def _request(spans: list[tuple[Call, int, str | None]]) -> dict[str, Any]:
    service = [_attribute("service.name", os.environ.get("OTEL_SERVICE_NAME") or program())]
    scope = {"scope": {"name": "selfheal_recorder"}, "spans": [_span(*one) for one in spans]}
    return {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [scope]}]}


def _attribute(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def _span(call: Call, at: int, error: str | None) -> dict[str, Any]:
    run = "%s\0%s" % (call.sequence, call.execution)
    about: dict[str, Any] = {"handler": call.plan.handler, "sequence.name": call.sequence}
    about.update({"sequence.execution": call.execution, "sequence.beat": call.plan.number})
    about.update({"context": json.dumps(call.context)} if call.context else {})
    span: dict[str, Any] = {
        "traceId": hashlib.sha256(run.encode()).hexdigest()[:32] if call.execution else os.urandom(16).hex(),
        "spanId": os.urandom(8).hex(),
        "name": call.plan.handler,
        "kind": 1,
        "startTimeUnixNano": str(call.at),
        "endTimeUnixNano": str(at),
        "attributes": [_attribute(key, value) for key, value in about.items() if value],
    }
    if error is not None:
        kind, _, said = error.strip().rpartition("\n")[2].partition(": ")
        parts = {"exception.type": kind, "exception.message": said, "exception.stacktrace": error}
        told = [_attribute(key, value) for key, value in parts.items()]
        span["events"] = [{"name": "exception", "timeUnixNano": str(at), "attributes": told}]
        span["status"] = {"code": 2, "message": said[:200]}
    return span


def program(path: str | None = None) -> str:
    """Return the name of a program, by default the one that runs: its file without the ending."""
    path = path or getattr(sys.modules.get("__main__"), "__file__", None) or "program"
    return os.path.splitext(os.path.basename(path))[0]
