"""Sequence 1 by its handlers: real files, a real store, and the checks of a broken project run in the real sandbox."""

import gzip
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.environments import UvEnvironments
from bot.adapters.git import GitSource
from bot.adapters.memory import MemoryStore
from bot.adapters.sandbox import pick
from bot.causes.evidence import with_known_spectrum
from bot.causes.locate import refuted
from bot.codebase import Codebase, prepare
from bot.errors import Misconfigured
from bot.model import EventStream, Intake, Known, LogFiles, TelemetryMetrics, TelemetryRequest
from bot.stages import telemetry as stage
from bot.telemetry import intake as files
from tests import make


class Told:
    """A `Progress` that remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        self.lines.append(task)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore()
    yield made
    made.close()


def asked(**intake: object) -> TelemetryRequest:
    fields = Intake.model_validate({"repository": "o/n", **intake})
    return TelemetryRequest(request_id="r", intake=fields, deadline=0.0)


def loaded(request: TelemetryRequest, store: MemoryStore, tmp_path: Path) -> LogFiles:
    world = (GitSource(), UvEnvironments(tmp_path / "environments"), pick(trust=True), Told())
    return stage.load_log_files(request, store, *world)


def read(found: LogFiles, request: TelemetryRequest, store: MemoryStore) -> TelemetryMetrics:
    events = stage.normalize_telemetry_data(stage.extract_telemetry_events(found, store))
    return stage.aggregate_telemetry_metrics(events, found, request)


BEAT = {"timestamp": "2024-05-01T12:00:00Z", "event": "beat-completed", "handler": "pay", "duration_ms": 2}
RED = """============================= test session starts ==============================
collected 1 item

test_a.py F                                                              [100%]

=================================== FAILURES ===================================
____________________________________ test_x ____________________________________

    def test_x():
>       assert add(1, 2) == 3
E       assert -1 == 3
E        +  where -1 = add(1, 2)

test_a.py:5: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::test_x - assert -1 == 3
============================== 1 failed in 0.01s ===============================
"""


def test_a_request_is_accepted_answered_or_an_error() -> None:
    made = stage.parse_telemetry_requested(make.request(intake=None, checkout="/x", good="HEAD~1"), None)
    assert isinstance(made, TelemetryRequest)
    assert (made.status, made.intake.checkout, made.intake.good) == ("started", "/x", "HEAD~1")
    known = Known(record_id="before")
    assert stage.parse_telemetry_requested(make.request(), known) is known
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        stage.parse_telemetry_requested(make.request(request_id=""), None)


def test_logs_and_telemetry_are_read_together(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "ci.log").write_text(RED, encoding="utf-8")
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "a.jsonl").write_text(json.dumps(BEAT) + "\n", encoding="utf-8")
    (tmp_path / "events" / "b.jsonl.gz").write_bytes(gzip.compress((json.dumps(BEAT) + "\n").encode()))
    (tmp_path / "events" / "image").write_bytes(b"\x89PNG\0\0")
    request = asked(logs=[str(tmp_path / "ci.log")], telemetry=[str(tmp_path / "events")])
    found = loaded(request, store, tmp_path)
    assert [(file.name.rpartition("/")[2], file.kind) for file in found.files] == [
        ("ci.log", "log"),
        ("a.jsonl", "events"),
        ("b.jsonl.gz", "events"),
    ]
    assert (found.count, len(found.refused)) == (3, 1)
    metrics = read(found, request, store)
    assert (metrics.verdict, metrics.handlers["pay"].count, metrics.dropped["refused"]) == ("failed", 2, 1)
    assert [(one.test_id, one.klass) for one in metrics.failures] == [("test_a.py::test_x", "test-failure")]


def test_a_zip_of_telemetry_is_unpacked_and_a_bad_one_is_said(store: MemoryStore, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.jsonl", json.dumps(BEAT) + "\n")
        archive.writestr("b/c.jsonl", "\ufeff" + json.dumps(BEAT) + "\n")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and no more")
    request = asked(telemetry=[str(tmp_path / "t.zip"), str(tmp_path / "bad.zip")])
    found = loaded(request, store, tmp_path)
    assert [file.name.rpartition("!")[2] for file in found.files] == ["a.jsonl", "b/c.jsonl"]
    assert len(found.refused) == 1
    assert read(found, request, store).handlers["pay"].count == 2


def test_events_are_a_recipe_with_a_count_of_lines(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text((json.dumps(BEAT) + "\n") * 3, encoding="utf-8")
    found = loaded(asked(logs=[str(tmp_path / "a.log")]), store, tmp_path)
    events = stage.extract_telemetry_events(found, store)
    assert [(name, dialect) for _, name, dialect in events.files] == [(str(tmp_path / "a.log"), "beats")]
    assert events.event_count == 3
    assert stage.normalize_telemetry_data(events) == EventStream(events.files, ("normal",), 3)


def test_declared_sequences_give_expected_times_and_violations(store: MemoryStore, tmp_path: Path) -> None:
    beats = [
        {"beat": n, "event": h, "handler": h, "kind": "pure", "timing": "after-beat", "expected_ms": 1}
        for n, h in enumerate(("pay", "ship"), 1)
    ]
    order = {"id": "order", "name": "Order", "movements": [{"id": "m", "name": "M", "beats": beats}]}
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "order.json").write_text(json.dumps(order), encoding="utf-8")
    (tmp_path / "sequences" / "bad.json").write_text("{}", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(
        json.dumps({**BEAT, "sequence": "order", "execution": "1"}) + "\n", encoding="utf-8"
    )
    for place in ({"checkout": str(tmp_path)}, {"sequences": str(tmp_path / "sequences")}):
        request = asked(telemetry=[str(tmp_path / "a.jsonl")], **place)
        metrics = read(loaded(request, store, tmp_path), request, store)
        assert metrics.handlers["pay"].expected_ms == 1
        assert metrics.sequences["order"].violations == 1
        assert metrics.dropped == {"refused": 1}


def test_bad_input_is_an_error_that_says_what(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0\0")
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    for intake, said in (
        ({"logs": [str(tmp_path / "gone.log")]}, "no such file"),
        ({"logs": [str(tmp_path / "binary")]}, "neither text nor"),
        ({}, "nothing to read"),
    ):
        with pytest.raises(Misconfigured, match=said):
            loaded(asked(**intake), store, tmp_path)


def test_a_large_file_is_read_where_it_lies(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "KEPT", 10)
    (tmp_path / "a.jsonl").write_text((json.dumps(BEAT) + "\n") * 3, encoding="utf-8")
    request = asked(telemetry=[str(tmp_path / "a.jsonl")])
    found = loaded(request, store, tmp_path)
    assert found.files[0].ref == f"file:{tmp_path / 'a.jsonl'}"
    assert read(found, request, store).event_count == 3


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "calc.py").write_text("import os\n\n\ndef add(a, b):\n    return a - b\n", encoding="utf-8")
    tests = "import calc\n\n\ndef test_add():\n    assert calc.add(1, 2) == 3\n\n\ndef test_zero():\n    assert 1\n"
    (folder / "test_calc.py").write_text(tests, encoding="utf-8")
    settings = '[project]\nname = "calc"\nversion = "1"\n\n[tool.pytest.ini_options]\n\n[tool.ruff]\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], check=True)
    return folder


def test_without_a_log_the_checks_of_the_project_are_run(store: MemoryStore, tmp_path: Path, broken: Path) -> None:
    request = asked(checkout=str(broken))
    found = loaded(request, store, tmp_path)
    assert {(file.check, file.kind) for file in found.files} >= {("pytest", "log"), ("pytest", "report")}
    metrics = read(found, request, store)
    assert metrics.verdict == "failed"
    checks = {check.name: check for check in metrics.checks}
    assert checks["pytest"].outcomes == {"test_calc.py::test_add": "failed", "test_calc.py::test_zero": "passed"}
    failing = [one for one in metrics.failures if one.test_id]
    assert [(one.test_id, one.klass, one.exception) for one in failing] == [
        ("test_calc.py::test_add", "test-failure", "AssertionError")
    ]
    assert failing[0].file == "test_calc.py"
    assert failing[0].line == 5
    assert metrics.handlers["test_calc.py::test_add"].errorRate == 1.0
    assert [one.code for one in metrics.failures if one.klass == "lint"] == ["F401"]
    # Beside telemetry, what the tests run is measured when asked for, and kept for the looks to come.
    (tmp_path / "a.jsonl").write_text(json.dumps(BEAT) + "\n", encoding="utf-8")
    loaded(asked(telemetry=[str(tmp_path / "a.jsonl")], checkout=str(broken), measure=True), store, tmp_path)
    info = with_known_spectrum(prepare(str(broken), GitSource(), None, store, environment=False), store)
    assert info.outcomes == checks["pytest"].outcomes
    assert refuted(make.anomaly(metrics={"pattern": "untested", "file": "calc.py", "function": "add"}), Codebase(info))


def test_the_metrics_are_kept_and_start_detection(store: MemoryStore) -> None:
    metrics = make.metrics(failures=(make.failure(),), verdict="failed", event_count=1200)
    stored = stage.store_telemetry_database(metrics, asked(), store)
    assert store.load(stored.record_id, TelemetryMetrics) == metrics
    assert store.answered("telemetry.parse", "r") == stored.record_id
    done = stage.parse_telemetry_completed(asked(), stored, metrics)
    assert done.summary == "1,200 events, 0 handlers, 1 failure, verdict failed"
    assert [(start.event, start.request_id, start.record_id) for start in done.starts] == [
        ("detect.anomalies.requested", "r", stored.record_id)
    ]
    assert stage.parse_telemetry_completed(asked(), stored, make.metrics()).summary == "0 events, 0 handlers"
