"""Makes a view of metrics: with the sequences that are declared, and with what is known of the code's tests."""

from __future__ import annotations

import json
from pathlib import Path

from bot.codebase import Codebase, of, prepare
from bot.detectors._reach import Reach
from bot.model import TelemetryMetrics
from bot.ports import Source, Store
from bot.telemetry.declared import read_sequences, sequence_files
from bot.views import VIEWS, Name, Seen
from bot.views.coverage import Tested


def codebase_of(repo: str, source: Source, store: Store) -> Codebase:
    """Return the code of a checkout, an empty one without it."""
    return Codebase(prepare(repo, source, None, store, environment=False)) if repo else of({})


def seen(metrics: TelemetryMetrics, codebase: Codebase, sequences: str = "") -> Seen:
    """Return what views are made of; `sequences` is the folder of sequence files, by default the checkout's own."""
    folder = sequences or str(Path(codebase.info.tree or ".") / codebase.info.sequences)
    declared, _ = read_sequences(sequence_files(Path(folder))) if sequences or codebase.info.tree else ((), ())
    reach = Reach(codebase, metrics.executed)
    known = reach.measured or reach.has_tests()
    return Seen(metrics, declared, {name: _tested(name, reach) for name in metrics.handlers} if known else {})


def _tested(name: str, reach: Reach) -> Tested:
    symbol = reach.function(name)
    if symbol is None:
        return Tested(None)
    return Tested(reach.covers(symbol), symbol.file, symbol.line, reach.measured)


def drawn(asked: tuple[Name, str], around: Seen) -> str:
    """Return one view, `asked` by (name, format): Markdown, SVG or JSON."""
    name, form = asked
    view = VIEWS[name]
    found = view.data(around)
    if form == "json":
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    return view.svg(found) if form == "svg" else view.markdown(found) + "\n"
