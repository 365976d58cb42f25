"""OpenTelemetry: what real exporters send becomes the same events, in protobuf and in JSON."""

from __future__ import annotations

import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.errors import Misconfigured
from bot.telemetry import otlp

NOON = 1_714_564_800 * 10**9
PROTO, JSON = "application/x-protobuf", "application/json"


def as_json() -> bytes:
    """Return a trace as JavaScript's exporter writes it: a root with two children, the second failing."""

    def span(number: int, parent: int, name: str, start: int, **more: object) -> dict[str, object]:
        return {
            "traceId": "A" * 32,
            "spanId": f"{number:016x}",
            "parentSpanId": f"{parent:016x}" if parent else "",
            "name": name,
            "startTimeUnixNano": str(start * 1_000_000),
            "endTimeUnixNano": str((start + 5) * 1_000_000),
            **more,
        }

    exception = [
        {"key": "exception.type", "value": {"stringValue": "ValueError"}},
        {"key": "exception.message", "value": {"stringValue": "no"}},
    ]
    failing = {"status": {"code": 2}, "events": [{"name": "exception", "attributes": exception}]}
    spans = [
        span(3, 1, "save", 20, **failing),
        span(2, 1, "load", 10, attributes=[{"key": "code.function.name", "value": {"stringValue": "shop.load"}}]),
        span(1, 0, "order", 0, attributes=[{"key": "n", "value": {"intValue": "3"}}]),
        span(4, 2, "deep", 11),
    ]
    service = [{"key": "service.name", "value": {"stringValue": "shop"}}]
    return json.dumps(
        {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [{"spans": spans}]}]}
    ).encode()


def as_proto() -> bytes:
    """Return the same trace as Python's exporter writes it."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    service = resource.resource.attributes.add()
    service.key, service.value.string_value = "service.name", "shop"
    scope = resource.scope_spans.add()
    for number, parent, name, start in ((3, 1, "save", 20), (2, 1, "load", 10), (1, 0, "order", 0), (4, 2, "deep", 11)):
        span = scope.spans.add()
        span.trace_id, span.span_id = bytes.fromhex("aa" * 16), number.to_bytes(8, "big")
        span.parent_span_id = parent.to_bytes(8, "big") if parent else b""
        span.name, span.start_time_unix_nano, span.end_time_unix_nano = name, start * 10**6, (start + 5) * 10**6
        if name == "load":
            about = span.attributes.add()
            about.key, about.value.string_value = "code.function.name", "shop.load"
        if name == "save":
            span.status.code = 2
            event = span.events.add(name="exception")
            for key, said in (("exception.type", "ValueError"), ("exception.message", "no")):
                about = event.attributes.add()
                about.key, about.value.string_value = key, said
    return bytes(request.SerializeToString())


@pytest.mark.parametrize(("body", "kind"), [(as_json(), JSON), (as_proto(), PROTO)], ids=["json", "protobuf"])
def test_a_trace_becomes_the_beats_of_its_root(body: bytes, kind: str) -> None:
    found = list(otlp.events(otlp.traces(body, kind)))
    assert [(one.event, one.handler, one.beat) for one in found] == [
        ("beat-started", "shop.load", 1),
        ("beat-completed", "shop.load", 1),
        ("beat-started", "save", 2),
        ("error", "save", 2),
    ]
    assert {one.sequence for one in found} == {"order"}
    assert {one.execution for one in found} == {"a" * 32}
    assert found[1].duration_ms == pytest.approx(5.0)
    assert found[3].error == "ValueError: no"


def test_marked_spans_are_the_beats_and_name_their_sequence() -> None:
    marked = {"handler": "h", "sequence.name": "s", "sequence.execution": "e", "sequence.beat": 4}
    root = otlp.Span(trace="t", span="1", name="root", start=0, end=9)
    deep = otlp.Span(trace="t", span="2", parent="x", name="deep", start=1, end=2, attributes=marked)
    (first, _) = otlp.events([deep, root])
    assert (first.handler, first.sequence, first.execution, first.beat) == ("h", "s", "e", 4)


def test_a_trace_without_its_root_gives_what_is_there() -> None:
    orphan = otlp.Span(trace="t", span="2", parent="x", name="f", start=1, end=2, service="shop", error="boom")
    assert [one.event for one in otlp.events([orphan])] == ["beat-started", "error"]


def test_a_failed_span_without_an_exception_says_its_message() -> None:
    assert otlp._error(2, "", []) == "error"
    assert otlp._error(2, "timeout", []) == "timeout"
    assert otlp._error(0, "", []) is None


@pytest.mark.parametrize(("body", "kind"), [(b"{", JSON), (b'{"resourceSpans": [3]}', JSON), (b"\xff\xff", PROTO)])
def test_a_body_that_is_no_request_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Misconfigured, match="no OTLP"):
        otlp.traces(body, kind)
    with pytest.raises(Misconfigured, match="no OTLP"):
        list(otlp.log_events(body.replace(b"Spans", b"Logs"), kind))


def test_too_many_spans_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "MAX_SPANS", 1)
    with pytest.raises(Misconfigured, match="at most 1"):
        otlp.traces(as_json(), JSON)


def test_log_records_with_an_exception_become_errors() -> None:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for said in ({"exception.type": "KeyError", "exception.message": "'a'", "handler": "load"}, {"plain": "text"}):
        record = scope.log_records.add(time_unix_nano=NOON + 7)
        for key, value in said.items():
            about = record.attributes.add()
            about.key, about.value.string_value = key, value
    (only,) = otlp.log_events(request.SerializeToString(), PROTO)
    assert (only.handler, only.error, only.timestamp) == ("load", "KeyError: 'a'", "2024-05-01T12:00:00.000000007Z")
    attributes = [{"key": "exception.type", "value": {"stringValue": "KeyError"}}]
    records = [{"observedTimeUnixNano": "5", "attributes": attributes}]
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    assert [one.error for one in otlp.log_events(body, JSON)] == ["KeyError: "]


@pytest.mark.parametrize(
    ("said", "context"),
    [
        ('{"args": [1], "result": 2}', {"args": [1], "result": 2}),
        ("{}", None),
        ("[1]", None),
        ("{", None),
        (7, None),
        ("[" * 100_000, None),
    ],
    ids=["values", "nothing", "a list", "no JSON", "a number", "too deep"],
)
def test_what_was_recorded_with_a_span_comes_with_its_end(said: object, context: object) -> None:
    span = otlp.Span(trace="a", span="b", name="add", start=NOON, end=NOON + 1, attributes={"context": said})
    begun, ended = otlp.events([span])
    assert (begun.context, ended.context) == (None, context)
