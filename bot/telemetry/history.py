"""Long-term history as Parquet: one file of handlers by span of time, one of sequences, one of causes of errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.errors import Misconfigured
from bot.model import TelemetryMetrics
from bot.telemetry import sketch

HINT = "Install it with the extra `parquet`: pip install 'self-healing-bot[parquet]'."
COLUMNS = {
    "handlers": {
        "handler": "string", "start": "timestamp", "seconds": "double", "count": "int64", "errors": "int64",
        "mean_ms": "double", "p50_ms": "double", "p95_ms": "double", "p99_ms": "double",
        "buckets": "int32s", "bucket_counts": "int64s",
    },
    "sequences": {
        "sequence": "string", "order": "strings", "count": "int64", "executions": "int64", "error_rate": "double",
        "mean_ms": "double", "violations": "int64",
    },
    "errors": {
        "cause": "string", "handler": "string", "exception": "string", "message": "string", "count": "int64",
        "first": "timestamp", "last": "timestamp",
    },
}  # fmt: skip
Row = dict[str, Any]


def exported(found: Iterable[TelemetryMetrics], folder: Path) -> tuple[Path, ...]:
    """Write the metrics to `handlers.parquet`, `sequences.parquet` and `errors.parquet` and return their paths.

    Times are UTC, durations in milliseconds; `buckets` and `bucket_counts` are the sketch, which adds up. Raises
    `Misconfigured` when pyarrow is not installed or the folder can't be written.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise Misconfigured("pyarrow, which writes Parquet, is not installed", hint=HINT) from None
    every = tuple(found)
    rows = {"handlers": handler_rows(every), "sequences": sequence_rows(every), "errors": error_rows(every)}
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns in COLUMNS.items():
            schema = arrow.schema([(column, _type(arrow, kind)) for column, kind in columns.items()])
            path = folder / f"{name}.parquet"
            parquet.write_table(arrow.Table.from_pylist(list(rows[name]), schema), path, compression="zstd")
            written.append(path)
    except OSError as error:
        raise Misconfigured(f"{folder} can't be written: {error.strerror or error}", hint="Give another DIR.") from None
    return tuple(written)


def _type(arrow: Any, kind: str) -> Any:
    if kind == "timestamp":
        return arrow.timestamp("us", tz="UTC")
    plain = {"string": arrow.string, "double": arrow.float64, "int64": arrow.int64, "int32": arrow.int32}
    return arrow.list_(plain[kind[:-1]]()) if kind.endswith("s") else plain[kind]()


def handler_rows(found: Iterable[TelemetryMetrics]) -> Iterator[Row]:
    """Yield a row for each handler and span of time."""
    for metrics in found:
        for name, handler in sorted(metrics.handlers.items()):
            for window in handler.windows:
                counts = sketch.merged((window.buckets, sketch.buckets(window.samples)))
                shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
                yield {
                    "handler": name,
                    "start": round(window.start * 1e6),
                    "seconds": window.seconds,
                    "count": window.count,
                    "errors": window.errors,
                    "mean_ms": sketch.mean(counts),
                    **{column: sketch.quantile(counts, share) for column, share in shares.items()},
                    "buckets": list(counts),
                    "bucket_counts": list(counts.values()),
                }


def sequence_rows(found: Iterable[TelemetryMetrics]) -> Iterator[Row]:
    """Yield a row for each sequence and order that was seen."""
    for metrics in found:
        for name, sequence in sorted(metrics.sequences.items()):
            for order, count in sequence.orders or (((), 0),):
                yield {
                    "sequence": name,
                    "order": list(order),
                    "count": count,
                    "executions": sequence.count,
                    "error_rate": sequence.errorRate,
                    "mean_ms": sequence.avgTime,
                    "violations": sequence.violations,
                }


def error_rows(found: Iterable[TelemetryMetrics]) -> Iterator[Row]:
    """Yield a row for each cause of error at a handler."""
    for metrics in found:
        for error in metrics.errors:
            yield {
                "cause": error.cause_key,
                "handler": error.handler,
                "exception": error.exception,
                "message": error.message,
                "count": error.count,
                "first": round(error.first * 1e6),
                "last": round(error.last * 1e6),
            }
