"""Dependencies that are missing, undeclared, in conflict, or no longer what the code expects.

Failing runs come first, and a release that breaks on its own import is named with the pin that asks for it; the rest
is read from metadata and imports, and is of severity low.
"""

from __future__ import annotations

from bot.detectors._failures import failure_findings
from bot.detectors._imports import declaration_findings, import_findings, removed_findings
from bot.detectors._pins import pinned
from bot.detectors._releases import renamed_findings, withdrawn_findings
from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly
from bot.registry import detector


@detector(type="dependency")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each dependency that is wrong; what a failing run tells is not told twice."""
    failing = [pinned(finding, seen.codebase) for finding in failure_findings(seen, "dependency")]
    messages = {failure.message.partition("\n")[0] for finding in failing for failure in finding.failures}
    code = seen.codebase
    read = [*import_findings(code), *removed_findings(code), *declaration_findings(code)]
    read += [*withdrawn_findings(code), *renamed_findings(code)]
    return anomalies([*failing, *(one for one in read if not _told(one, messages))])


def _told(finding: Finding, messages: set[str]) -> bool:
    said = str(finding.metrics.get("message", ""))
    return bool(said) and any(message.startswith(said[:-1]) for message in messages)
