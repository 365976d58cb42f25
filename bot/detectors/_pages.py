"""Generated pages against telemetry: an order that is no longer taken, errors that a page does not know."""

from __future__ import annotations

from collections.abc import Iterator

from bot.codebase.claims import Claim, claims
from bot.detectors._seen import Finding, Seen
from bot.telemetry.orders import declared_order

ENOUGH = 20  # executions before telemetry may contradict a page
ERRORS = 3  # errors of one kind before a page has to know it


def page_findings(seen: Seen) -> Iterator[Finding]:
    """Yield a finding (severity medium) for each claim of a page that telemetry contradicts."""
    for path in sorted(seen.codebase.files) if seen.metrics.sequences or seen.metrics.errors else ():
        if path.endswith(".md") and "<!-- selfheal:" in seen.codebase.text(path):
            for claim in claims(seen.codebase.text(path)):
                wanted = _order(claim, seen) if claim.kind == "order" else _errors(claim, seen)
                if wanted is not None and wanted != claim.values:
                    yield _finding(path, claim, wanted)


def _order(claim: Claim, seen: Seen) -> tuple[str, ...] | None:
    """Return the order that is taken; None when too few took it, or when it is not the declared one either."""
    found = seen.metrics.sequences.get(claim.name)
    declared = next((declared_order(one) for one in seen.declared if one.id == claim.name), None)
    if found is None or found.count < ENOUGH or (declared is not None and declared != found.beats):
        return None
    return found.beats


def _errors(claim: Claim, seen: Seen) -> tuple[str, ...] | None:
    """Return the errors of a handler when there is one that the page does not know."""
    counted = [one for one in seen.metrics.errors if one.handler == claim.name and one.count >= ERRORS]
    new = {one.exception or "error" for one in counted} - set(claim.values)
    return tuple(sorted({*claim.values, *new})) if new else None


def _finding(path: str, claim: Claim, wanted: tuple[str, ...]) -> Finding:
    what = "the order of" if claim.kind == "order" else "the errors of"
    return Finding(
        type="documentation",
        cause=f"page:{path}:{claim.kind}:{claim.name}",
        severity="medium",
        description=f"{path}, line {claim.line}: telemetry contradicts {what} {claim.name}",
        confidence=0.9,
        handler=claim.name if claim.kind == "errors" else None,
        sequence=claim.name if claim.kind == "order" else None,
        metrics={
            "pattern": "contradicted-page",
            "class": "docs",
            "tool": "page",
            "file": path,
            "line": claim.line,
            "claims": list(claim.values),
            "wanted": list(wanted),
        },
        evidence=(f"{path}:{claim.line}: says {', '.join(claim.values) or 'nothing'}; seen: {', '.join(wanted)}",),
    )
