"""What several logs and reports of one run tell together: each failure once, and a report's word before a log's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.logs.judge import of_test, tier
from bot.logs.ran import Ran
from bot.model import Failure


def once(found: Iterable[Failure], ran: Mapping[str, Sequence[Ran]] | None = None) -> tuple[Failure, ...]:
    """Return each failure once, over all files, the root cause first; `ran` are the tests that each report tells.

    Where a report and a log tell of one run, a test that passed by the report has not failed, whatever the log says.
    """
    seen: dict[tuple[object, ...], Failure] = {}
    for one in found:
        key = (one.klass, one.test_id, one.file, one.line, one.code, one.message, one.detail("module"))
        seen.setdefault(key, one)
    passed = _passed(seen.values(), ran or {})
    kept = [one for one in seen.values() if one.detail("report") or one.test_id not in passed]
    return tuple(sorted(_joined(kept), key=lambda failure: tier(of_test(failure.klass, failure.test_id))))


def _passed(found: Iterable[Failure], ran: Mapping[str, Sequence[Ran]]) -> set[str]:
    """Return the tests that passed by a report which shares a failing test with a log: they tell of the same run."""
    logged = {one.test_id for one in found if one.test_id and not one.detail("report")}
    passed: set[str] = set()
    failed: set[str] = set()
    for tests in ran.values():
        broken = {one.test for one in tests if one.failed}
        failed |= broken
        if broken & logged:
            passed |= {one.test for one in tests}
    return passed - failed


def _joined(found: Iterable[Failure]) -> list[Failure]:
    """Join what a report and a log tell of one test: the report's fields, resting on the log's line."""
    kept: list[Failure] = []
    reported: dict[str, int] = {}
    for one in sorted(found, key=lambda failure: failure.detail("report") == ""):
        told = reported.get(one.test_id or "")
        if told is None:
            if one.test_id and one.detail("report"):
                reported[one.test_id] = len(kept)
            kept.append(one)
        elif kept[told].detail("report"):
            line = {"log": one.log, "root_line": one.root_line, "root_line_no": one.root_line_no}
            rest = tuple(pair for pair in kept[told].details if pair[0] != "report")
            kept[told] = kept[told].model_copy(update={**line, "details": rest})
    return kept
