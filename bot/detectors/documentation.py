"""Documentation that disagrees with the code: builds that fail, docstrings, examples, links, pages, sequence files.

What is read from files alone is of severity low; at most 50 of each kind are reported, the surest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from bot.codebase import Codebase
from bot.detectors._docstrings import docstring_findings
from bot.detectors._failures import failure_findings
from bot.detectors._kept import kept
from bot.detectors._pages import page_findings
from bot.detectors._seen import Finding, Seen, anomalies
from bot.detectors._texts import text_findings
from bot.model import Anomaly
from bot.registry import detector

MOST = 50


@detector(type="documentation")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each place where the documentation is wrong."""
    return anomalies([*failure_findings(seen, "documentation"), *page_findings(seen), *_read(seen)])


def drift(codebase: Codebase) -> tuple[Anomaly, ...]:
    """Return what is wrong with the documentation of a repository, told from its files alone."""
    return detect(Seen(codebase=codebase))


def _read(seen: Seen) -> Iterator[Finding]:
    codebase = seen.codebase
    code = [path for path in codebase.python_files if not codebase.is_test(path)]
    yield from _surest(kept("docstrings", codebase, code, docstring_findings))
    yield from _surest(text_findings(codebase))
    yield from _sequences(seen)


def _surest(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(islice(findings, MOST * 10), key=lambda finding: -finding.confidence)[:MOST]


def _sequences(seen: Seen) -> Iterator[Finding]:
    """Yield the handlers of a declared sequence that no code defines, where most of its others are defined."""
    for sequence in seen.declared:
        names = {beat.handler: bool(seen.codebase.find(beat.handler.rpartition(".")[2])) for beat in sequence.beats}
        missing = [name for name, there in names.items() if not there]
        if not missing or len(missing) > len(names) / 2:
            continue
        for name in missing:
            yield Finding(
                type="documentation",
                cause=f"sequence:{sequence.id}:{name}",
                severity="low",
                description=f"sequence {sequence.id} names the handler {name}, which the code does not define",
                confidence=0.8,
                handler=name,
                sequence=sequence.id,
                metrics={"pattern": "sequence-handler", "class": "docs", "tool": "sequence", "what": name},
            )
