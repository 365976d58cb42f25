"""OpenTelemetry over HTTP: what exporters send becomes spans, and the spans of a trace become beat events.

Python's exporter sends protobuf, JavaScript's JSON with ids in hexadecimal and numbers as text; both may be gzipped.
Sequence, handler, execution and beat come from attributes where they are set, else from the trace: its root's name, the
span's function or name, the trace's id, and the order of the root's children. The attribute `context` may hold what was
recorded of a call, as JSON: arguments, result, state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from bot.errors import Misconfigured
from bot.model import TelemetryEvent
from bot.telemetry.normal import COMPLETED, ERROR, STARTED
from bot.telemetry.times import of_nanoseconds

MAX_SPANS = 100_000
FAILED = 2  # STATUS_CODE_ERROR
HANDLER = ("handler", "code.function.name", "code.function")
MILLI = 1e6


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """One span as we keep it: ids in hexadecimal, times in nanoseconds since 1970."""

    trace: str
    span: str
    name: str
    start: int
    end: int
    parent: str = ""
    service: str = ""
    attributes: dict[str, Any] = {}
    error: str | None = None


def traces(body: bytes, content_type: str) -> tuple[Span, ...]:
    """Return the spans of an export request; raises `Misconfigured` when it is none or holds too many."""
    spans = tuple(_proto_spans(body) if "protobuf" in content_type else _json_spans(body))
    if len(spans) > MAX_SPANS:
        raise Misconfigured(f"{len(spans)} spans in one request, at most {MAX_SPANS}", hint="Send smaller batches.")
    return spans


def _parsed(request: Any, body: bytes, what: str) -> Any:
    """Return the protobuf request filled from a body; raises `Misconfigured` when the body is none of its kind."""
    from google.protobuf.message import DecodeError

    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise Misconfigured(f"the body is no OTLP {what} request: {error}", hint="Send protobuf or JSON.") from None
    return request


def _proto_spans(body: bytes) -> Iterator[Span]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = _parsed(ExportTraceServiceRequest(), body, "trace")
    for resource in request.resource_spans:
        service = str(_proto_attributes(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            for one in scope.spans:
                yield Span(
                    trace=one.trace_id.hex(),
                    span=one.span_id.hex(),
                    parent=one.parent_span_id.hex(),
                    name=one.name,
                    start=one.start_time_unix_nano,
                    end=one.end_time_unix_nano,
                    service=service,
                    attributes=_proto_attributes(one.attributes),
                    error=_error(
                        one.status.code,
                        one.status.message,
                        [(event.name, _proto_attributes(event.attributes)) for event in one.events],
                    ),
                )


def _proto_attributes(found: Iterable[Any]) -> dict[str, Any]:
    kinds = ("string_value", "int_value", "double_value", "bool_value")
    return {
        one.key: getattr(one.value, one.value.WhichOneof("value"))
        for one in found
        if one.value.WhichOneof("value") in kinds
    }


def _json_spans(body: bytes) -> Iterator[Span]:
    try:
        data = json.loads(body)
        for resource in data.get("resourceSpans", []):
            service = str(_json_attributes(resource.get("resource", {})).get("service.name", ""))
            for scope in resource.get("scopeSpans", []):
                yield from (_json_span(one, service) for one in scope.get("spans", []))
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise Misconfigured(f"the body is no OTLP trace request: {error}", hint="Send protobuf or JSON.") from None


def _json_span(one: Mapping[str, Any], service: str) -> Span:
    status = one.get("status") or {}
    events = [(str(event.get("name", "")), _json_attributes(event)) for event in one.get("events", [])]
    return Span(
        trace=str(one["traceId"]).lower(),
        span=str(one["spanId"]).lower(),
        parent=str(one.get("parentSpanId") or "").lower(),
        name=str(one["name"]),
        start=int(one["startTimeUnixNano"]),
        end=int(one["endTimeUnixNano"]),
        service=service,
        attributes=_json_attributes(one),
        error=_error(int(status.get("code") or 0), str(status.get("message") or ""), events),
    )


def _json_attributes(found: Mapping[str, Any]) -> dict[str, Any]:
    made = {}
    for one in found.get("attributes", []):
        value = one.get("value") or {}
        kind = next(iter(value), "")
        if kind in ("stringValue", "boolValue", "doubleValue"):
            made[str(one["key"])] = value[kind]
        elif kind == "intValue":
            made[str(one["key"])] = int(value[kind])
    return made


def _error(code: int, message: str, events: Iterable[tuple[str, Mapping[str, Any]]]) -> str | None:
    for name, attributes in events:
        if name == "exception":
            kind, said = attributes.get("exception.type", "Exception"), attributes.get("exception.message", "")
            return f"{kind}: {said}"
    return (message or "error") if code == FAILED else None


def events(spans: Iterable[Span]) -> Iterator[TelemetryEvent]:
    """Yield the beat events of spans, trace by trace: the root's children are beats, unless others are marked.

    A trace without a root (its parent was not sent) gives the spans whose parent is missing.
    """
    by_trace: dict[str, list[Span]] = {}
    for span in spans:
        by_trace.setdefault(span.trace, []).append(span)
    for found in by_trace.values():
        yield from _beats(sorted(found, key=lambda span: (span.start, span.span)))


def _beats(spans: list[Span]) -> Iterator[TelemetryEvent]:
    known = {span.span for span in spans}
    roots = [span for span in spans if not span.parent]
    root = roots[0] if roots else None
    marked = [span for span in spans if "handler" in span.attributes]
    children = [span for span in spans if root is not None and span.parent == root.span]
    orphans = [span for span in spans if span.parent and span.parent not in known]
    beats = marked or children or orphans or spans
    for rank, span in enumerate(beats, 1):
        yield from _pair(span, root, rank)


def _pair(span: Span, root: Span | None, rank: int) -> Iterator[TelemetryEvent]:
    about = span.attributes
    handler = str(next((about[key] for key in HANDLER if key in about), span.name))
    sequence = str(about.get("sequence.name") or (root.name if root else span.service) or span.name)
    execution, beat = str(about.get("sequence.execution") or span.trace), _rank(about.get("sequence.beat"), rank)
    yield TelemetryEvent(of_nanoseconds(span.start), STARTED, handler, sequence, execution, beat)
    kind = COMPLETED if span.error is None else ERROR
    took = (span.end - span.start) / MILLI
    end = of_nanoseconds(span.end)
    context = _context(about.get("context"))
    yield TelemetryEvent(
        end, kind, handler, sequence, execution, beat, took if took >= 0 else None, span.error, context
    )


def _context(said: object) -> dict[str, object] | None:
    """Return what was recorded with a span (arguments, result, state): an attribute that holds a JSON object."""
    try:
        found = json.loads(said) if isinstance(said, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None


def _rank(said: object, rank: int) -> int:
    return int(str(said)) if str(said).isdecimal() and len(str(said)) < 10 else rank


def log_events(body: bytes, content_type: str) -> Iterator[TelemetryEvent]:
    """Yield an error event for each log record of an export request that holds an exception; others are left out."""
    for attributes, at, service in _proto_logs(body) if "protobuf" in content_type else _json_logs(body):
        if "exception.type" in attributes:
            said = f"{attributes['exception.type']}: {attributes.get('exception.message', '')}"
            handler = next((str(attributes[key]) for key in HANDLER if key in attributes), service or "log")
            context: dict[str, object] = {"traceback": str(attributes.get("exception.stacktrace", ""))[:8000]}
            yield TelemetryEvent(of_nanoseconds(at), ERROR, handler, error=said, context=context)


def _proto_logs(body: bytes) -> Iterator[tuple[dict[str, Any], int, str]]:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    request = _parsed(ExportLogsServiceRequest(), body, "log")
    for resource in request.resource_logs:
        service = str(_proto_attributes(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_logs:
            for one in scope.log_records:
                at = one.time_unix_nano or one.observed_time_unix_nano
                yield _proto_attributes(one.attributes), at, service


def _json_logs(body: bytes) -> Iterator[tuple[dict[str, Any], int, str]]:
    try:
        for resource in json.loads(body).get("resourceLogs", []):
            service = str(_json_attributes(resource.get("resource", {})).get("service.name", ""))
            for scope in resource.get("scopeLogs", []):
                for one in scope.get("logRecords", []):
                    at = int(one.get("timeUnixNano") or one.get("observedTimeUnixNano") or 0)
                    yield _json_attributes(one), at, service
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise Misconfigured(f"the body is no OTLP log request: {error}", hint="Send protobuf or JSON.") from None
