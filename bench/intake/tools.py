"""What is measured: each reads one file from its beginning and returns how many records it understood."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import re2

from bench.intake import data
from bot.model import EventStream
from bot.telemetry import lines
from bot.telemetry.pipeline import collected, dialect_of, read_in_order
from bot.telemetry.summary import summarised


class Missing(Exception):
    """A tool that is not installed."""


class Tool(NamedTuple):
    """One row of the table: which file it reads and what it does with it."""

    name: str
    file: str  # json or text
    run: Callable[[Path], int]


class Event(msgspec.Struct, gc=False):
    """The fields that adding up needs."""

    timestamp: str
    event: str
    sequence: str
    execution: str
    handler: str
    duration_ms: float | None = None


def ours(path: Path) -> int:
    """Add up in one process: metrics of each handler, the order of each execution, duplicates and late events."""
    declared = {sequence.id: sequence for sequence in data.sequences()}
    stream = EventStream(((str(path), path.name, dialect_of(path)),))
    return summarised(read_in_order(stream, declared), declared).event_count


def ours_apart(path: Path) -> int:
    """Do the same in two processes."""
    declared = {sequence.id: sequence for sequence in data.sequences()}
    stream = EventStream(((str(path), path.name, dialect_of(path)),))
    return summarised(collected(stream, declared), declared).event_count


def decode_chunks(path: Path) -> int:
    """Decode by type and throw away, many lines at once."""
    decoder = msgspec.json.Decoder(Event)
    return sum(len(decoder.decode_lines(chunk)) for chunk in lines.chunks(path, Counter()))


def decode_lines(path: Path) -> int:
    """Decode by type and throw away, line by line: the limit."""
    decode = msgspec.json.Decoder(Event).decode
    with path.open("rb") as file:
        return sum(decode(line) is not None for line in file)


def orjson_loop(path: Path) -> int:
    """Parse line by line with orjson and count durations by handler."""
    loads, total, counts = _module("orjson").loads, Counter[str](), Counter[str]()
    with path.open("rb") as file:
        for line in file:
            event = loads(line)
            counts[event["handler"]] += 1
            total[event["handler"]] += event.get("duration_ms") or 0
    return counts.total()


def duckdb(path: Path) -> int:
    """Aggregate handlers with DuckDB (no order check), on one thread."""
    connection = _module("duckdb").connect(config={"threads": 1})
    query = (
        "select handler, count(*), avg(duration_ms), approx_quantile(duration_ms, 0.95), max(timestamp) from "
        f"read_json('{path}', format='newline_delimited', columns={{timestamp: 'varchar', handler: 'varchar', "
        "duration_ms: 'double'}) group by handler"
    )
    return sum(row[1] for row in connection.execute(query).fetchall())


def polars(path: Path) -> int:
    """Aggregate handlers with Polars (no order check), streaming."""
    pl = _module("polars")
    schema = {"timestamp": pl.String, "handler": pl.String, "duration_ms": pl.Float64}
    column = pl.col("duration_ms")
    asked = pl.scan_ndjson(path, schema=schema, ignore_errors=True).group_by("handler")
    found = asked.agg(pl.len(), column.mean(), column.quantile(0.95).alias("p95"), pl.col("timestamp").max())
    return int(found.collect(engine="streaming")["len"].sum())


def jq(path: Path) -> int:
    """Read handler and duration with jq."""
    return _lines_of(["jq", "-c", "[.handler, .duration_ms]", str(path)])


def ripgrep(path: Path) -> int:
    """Count lines with ripgrep."""
    return int(_output(["rg", "-c", "handler_[0-9]+", str(path)]))


def finditer(path: Path) -> int:
    """Find handler and duration in the text with one bare RE2 expression: the limit for text."""
    pattern = re2.compile(rb"(?m)^(\S+ \S+) .*handler=(\S+) .*duration=([0-9.]+)(ms|s|us)$")
    return sum(1 for chunk in lines.chunks(path, Counter()) for _ in pattern.finditer(chunk))


def drain(path: Path) -> int:
    """Mine templates with Drain3 in the first 20 MB: it is far too slow for more."""
    miner = _module("drain3").TemplateMiner()
    done = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            miner.add_log_message(line)
            done += len(line)
            if done > DRAINED:
                break
    return int(miner.drain.get_total_cluster_size())


DRAINED = 20_000_000


def _module(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(f"pip install {name}") from None


def _output(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        raise Missing(f"install {command[0]}")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _lines_of(command: list[str]) -> int:
    if shutil.which(command[0]) is None:
        raise Missing(f"install {command[0]}")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        return sum(chunk.count(b"\n") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))


TOOLS = (
    Tool("msgspec decode, by line (limit)", "json", decode_lines),
    Tool("msgspec decode, by chunk", "json", decode_chunks),
    Tool("ours, one core", "json", ours),
    Tool("ours, two processes", "json", ours_apart),
    Tool("duckdb, one thread, no order", "json", duckdb),
    Tool("polars, no order", "json", polars),
    Tool("orjson loop, no order", "json", orjson_loop),
    Tool("jq, no order", "json", jq),
    Tool("ripgrep -c", "json", ripgrep),
    Tool("re2 finditer, text (limit)", "text", finditer),
    Tool("ours, text", "text", ours),
    Tool("drain3, text, 20 MB", "text", drain),
    Tool("ripgrep -c, text", "text", ripgrep),
)
