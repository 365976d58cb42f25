"""Real OpenTelemetry exporters, of Python and of JavaScript, send spans to a running App, and the metrics match."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model import TelemetryMetrics
from bot.serve.intake import PART, Part, waiting
from bot.telemetry import metrics_of
from tests.e2e.scene import Town, town

TRACES = 5
PACKAGES = (
    "@opentelemetry/api@1.9.1",
    "@opentelemetry/sdk-trace-base@2.12.1",
    "@opentelemetry/exporter-trace-otlp-http@0.223.1",
)
SCRIPT = Path(__file__).with_name("exporter.cjs")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


def token(served: Town, name: str) -> tuple[str, str, str]:
    """Return a new repository, the address for its traces and a token."""
    scene = served.scene(name)
    return (
        scene.name,
        f"{served.app.webhook_url.partition('/api/')[0]}/v1/traces",
        served.running.intake.uploaders.make(scene.name),
    )


def metrics(served: Town, repository: str) -> TelemetryMetrics:
    """Return what the spans that were kept for a repository add up to."""
    store = served.running.world.store
    return metrics_of(waiting(store, store.since(0, Part, kind=PART, repository=repository)))


def match(found: TelemetryMetrics) -> None:
    handlers = {name: (one.count, one.errorRate) for name, one in found.handlers.items()}
    assert handlers == {"reserve": (TRACES, 0.0), "charge": (TRACES, 0.0), "ship": (TRACES, 1 / TRACES)}
    assert [found.handlers[name].p50 for name in ("reserve", "charge", "ship")] == pytest.approx([20, 21, 22])
    assert found.sequences["checkout"].orders == ((("reserve", "charge", "ship"), TRACES - 1),)
    assert found.sequences["checkout"].count == TRACES
    assert [(one.exception, one.message, one.count) for one in found.errors] == [("TypeError", "no address", 1)]
    assert not found.dropped


def test_pythons_exporter(served: Town) -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name, address, secret = token(served, "snake")
    exporter = OTLPSpanExporter(address, headers={"Authorization": f"Bearer {secret}"}, compression=Compression.Gzip)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer, milli = provider.get_tracer("shop"), 10**6
    start = time.time_ns() - 60_000 * milli
    for number in range(TRACES):
        at = start + number * 1000 * milli
        root = tracer.start_span("checkout", start_time=at)
        for place, beat in enumerate(("reserve", "charge", "ship")):
            begin = at + (10 + place * 100) * milli
            span = tracer.start_span(beat, context=trace.set_span_in_context(root), start_time=begin)
            if beat == "ship" and number == 0:
                span.record_exception(TypeError("no address"))
                span.set_status(trace.StatusCode.ERROR)
            span.end(begin + (20 + place) * milli)
        root.end(at + 400 * milli)
    assert provider.force_flush()
    provider.shutdown()
    match(metrics(served, name))


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return a folder with the exporter's packages, installed once on a machine, never into the repository."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NOT TESTED: Node and npm are missing, so JavaScript's exporter was not tried")
    folder = Path(tempfile.gettempdir()) / "selfheal-exporter" / PACKAGES[-1].rpartition("@")[2]
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
        subprocess.run(command, check=True, capture_output=True, timeout=170)
        (folder / "complete").touch()
    return folder / "node_modules"


def test_javascripts_exporter(served: Town, modules: Path, tmp_path: Path) -> None:
    name, address, secret = token(served, "script")
    command = ["node", str(shutil.copy(SCRIPT, modules.parent)), address, secret, str(TRACES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    match(metrics(served, name))
