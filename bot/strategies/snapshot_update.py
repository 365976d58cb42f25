"""Take the values that a snapshot test now gets, for a person to review: only people know which ones are meant."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import told

# what the plugin says, and the option that lets it write: the documentation of inline-snapshot, syrupy, snapshottest
_PLUGINS = (
    (re2.compile(r"--inline-snapshot=fix|some snapshots in this test have incorrect values"), "--inline-snapshot=fix"),
    (
        re2.compile(r"\[\+ received\]|\[- snapshot\]|\d+ snapshots? failed|snapshot .{0,60} does not exist"),
        "--snapshot-update",
    ),
)


@strategy(causes=("test-failure", "snapshot"), trust="review", touches="tests", prior=0.3)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of the failing tests that writes their snapshots, where code that is no test has changed too."""
    said = told(diagnosis, codebase)
    option = next((option for pattern, option in _PLUGINS if pattern.search(said)), "")
    changed = [path for path in codebase.changed if not codebase.is_test(path)]
    tests = [test for test in diagnosis.failing_tests if test.partition("::")[0] in codebase.files]
    if not option or not changed or not tests:
        return
    yield Proposal(
        strategy="snapshot_update",
        title=f"Update the snapshots of {len(tests)} test{'s' * (len(tests) > 1)}",
        command=("python", "-m", "pytest", option, *tests[:20]),
        confidence=0.5,
        why=f"{', '.join(changed[:3])} changed and the snapshots did not; look whether the new values are meant.",
    )
