"""From files to metrics: which dialect each is in, its events normalised, and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import re2

from bot.errors import Misconfigured
from bot.logs.reports import looks_like_report
from bot.model import EventStream, LogFile, Sequence, TelemetryMetrics
from bot.telemetry import lines
from bot.telemetry.collect import Collector, unhurried
from bot.telemetry.dialects import dialects, recognised
from bot.telemetry.dialects.beats import NAME as BEATS
from bot.telemetry.dialects.beats import batches
from bot.telemetry.dialects.steps import NAME as STEPS
from bot.telemetry.parallel import collected_apart
from bot.telemetry.partials import Partial
from bot.telemetry.summary import summarised

SURE, CERTAIN = 0.3, 0.8  # share of event-like lines from which on a file, or a log, counts as telemetry
BATCH = 2_000
_JOB = re2.compile(
    rb"(?m)^(?:[^\t\n]{1,300}\t[^\t\n]{0,300}\t)?(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z "
    rb"|^=+ (?:test session starts|short test summary info|slowest (?:\d+ )?durations) =+\r?$"
)
CI_LOG, RUN, SEQUENCE = "ci-log", "run", "sequence"  # files that hold no beat events


def dialect_of(path: Path) -> str:
    """Return the dialect of a file's events, or an empty text when it does not look like telemetry."""
    name, likeness = recognised(lines.head(path))
    return name if likeness >= SURE else ""


def dialect_for(file: LogFile, path: Path) -> str:
    """Return how a file is to be read: as events of a dialect, as a CI log, a report of a run, or a sequence file.

    A log counts as telemetry only when nearly all of its lines are events; empty: nothing that is known.
    """
    if file.kind == "sequence":
        return SEQUENCE
    if file.kind == "report":
        return RUN
    name, likeness = recognised(lines.head(path))
    if file.kind == "events" and likeness >= SURE:
        return name
    return name if likeness >= CERTAIN else CI_LOG if file.kind == "log" or tells_a_run(path) else ""


def dialects_for(file: LogFile, path: Path) -> tuple[str, ...]:
    """Return every way in which a file is to be read: the log of a CI job also tells when its steps ran."""
    found = dialect_for(file, path)
    return (found, STEPS) if found == CI_LOG and not file.check else (found,)


def tells_a_run(path: Path) -> bool:
    """Return whether a file that holds no events looks like a report, or like the log of a CI job."""
    start = lines.head(path)
    return looks_like_report(start) or start.startswith(b"PK\x03\x04") or _JOB.search(start) is not None


def collected(stream: EventStream, declared: Mapping[str, Sequence]) -> Partial:
    """Return the sums over a recipe's events, read by several processes where that pays and can't change them."""
    return collected_apart(read_in_order, stream, declared)


def read_in_order(stream: EventStream, declared: Mapping[str, Sequence]) -> Partial:
    """Return the sums over a recipe's events, every execution closed but those that an end of the logs cut off."""
    collector = Collector(declared)
    with unhurried():
        _read(stream, collector)
        return collector.finish()


def _read(stream: EventStream, collector: Collector) -> None:
    for ref, _, dialect in stream.files:
        if dialect == BEATS:
            for wires in batches(Path(ref), collector.partial.dropped):
                collector.take(wires)
                del wires  # the next ones take the place of these in memory, which is quickest
        elif dialect in dialects():
            found = dialects()[dialect].events(Path(ref), collector.partial.dropped)
            while batch := list(islice(found, BATCH)):
                collector.take(batch)


def metrics_of(paths: Iterable[Path], declared: Iterable[Sequence] = ()) -> TelemetryMetrics:
    """Return the metrics of telemetry files and of the files in folders; raises `Misconfigured` for what can't be read.

    Files that hold no events in a known dialect are counted in `dropped` as `not telemetry`.
    """
    sequences = {sequence.id: sequence for sequence in declared}
    found = [(path, dialect_of(path)) for path in files_in(paths)]
    stream = EventStream(tuple((str(path), path.name, dialect) for path, dialect in found if dialect))
    partial = collected(stream, sequences)
    unknown = sum(not dialect for _, dialect in found)
    partial.dropped.update({"not telemetry": unknown} if unknown else {})
    return summarised(partial, sequences)


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files named and those in the folders named, sorted; raises `Misconfigured` when one is missing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif path.is_file():
            found.append(path)
        else:
            raise Misconfigured(f"{path}: there is no such file or folder", hint="Check the path of the telemetry.")
    return tuple(dict.fromkeys(found))
