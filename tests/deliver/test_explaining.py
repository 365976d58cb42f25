"""`explain` on a journal: a strategy, an anomaly, its cause, the patch, the proof, the delivery and the lesson."""

from __future__ import annotations

import pytest

from bot.adapters.memory import MemoryStore
from bot.errors import Misconfigured
from bot.explaining import explained
from bot.model import (
    AnomalySet,
    AssessedDiagnosis,
    CodebaseInfo,
    Comparison,
    Decision,
    Deployment,
    DiagnosisSet,
    Effectiveness,
    FixRecommendation,
    Improvement,
    Insight,
    Lesson,
    PatchSet,
    RuleResult,
    StrategyRecord,
    Value,
)
from tests import make
from tests.deliver.world import patch, validation


@pytest.fixture
def journal() -> MemoryStore:
    """A store with one record of each kind, all about one anomaly."""
    store = MemoryStore()
    found = make.anomaly(id="aaaa1111", evidence=("log:10",))
    cause = FixRecommendation(
        id="cccc3333",
        assessed=AssessedDiagnosis(
            diagnosis=make.diagnosis(anomaly_id="aaaa1111", rests_on=("traceback",)),
            severity="high", impact=1, effort=1, benefit=1,
        ),
        code=("misspelt_name", "search"),
        reasons=("search comes last: it has not worked here",),
    )  # fmt: skip
    info = CodebaseInfo(repository="o/n", checkout="/c", tree="t", digest="d")
    rule = RuleResult(rule="approvals", allows=False, stage="merge", seen="0", wanted="1", unblock="ann may approve")
    effect = Effectiveness(
        fix_id="0a1b2c3d4e5f", anomaly_id="aaaa1111", anomaly_type="error", handler="f", strategy="search",
        repository="o/n", comparison=Comparison(), improvement=Improvement(), successful=None, reason="no telemetry",
    )  # fmt: skip
    record = StrategyRecord(strategy="search", type="error", repository="o/n", failures=3)
    records: dict[str, Value] = {
        "anomalies": AnomalySet(all_anomalies=(found,), total_count=1),
        "diagnosis": DiagnosisSet(recommendations=(cause,), codebase=info),
        "patches": PatchSet(subject="cccc3333", patches=(patch(),), tried=("misspelt_name: nothing alike",)),
        "validation": validation(patch(), "", subject="cccc3333", refusals=("line 3 weakens an assert",)),
        "deployment": Deployment(
            id="dddd4444", subject="cccc3333", anomaly_id="aaaa1111", repository="o/n", strategy="search",
            type="error", state="failed", branch="selfheal/x",
            decision=Decision(may_open=True, may_merge=False, blocking=(rule,)),
        ),
        "lesson": Lesson(effectiveness=effect, record=record, insights=(Insight(text="tests would tell more"),)),
    }  # fmt: skip
    for kind, value in records.items():
        store.save(value, kind=kind, repository="o/n")
    return store


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("aaaa1111", ["anomaly aaaa1111", "rests on log:10", "cause cccc3333", "search comes last", "delivery dddd4444",
                      "ann may approve", "is not known to work: no telemetry", "tests would tell more"]),
        ("cccc", ["misspelt_name, search", "tried: misspelt_name: nothing alike", "proof v1: proven",
                  "yes fails before", "refused: line 3 weakens"]),
        ("0a1b", ["patch 0a1b2c3d4e5f", "why: the test expects", "lesson: search"]),
        ("missing_import", ["trust", "causes"]),
    ],
)  # fmt: skip
def test_everything_known_is_told(journal: MemoryStore, name: str, wanted: list[str]) -> None:
    told = "\n".join(explained(name, journal))
    assert [text for text in wanted if text not in told] == []


def test_an_unknown_name_is_an_error_that_says_what_to_give(journal: MemoryStore) -> None:
    with pytest.raises(Misconfigured, match="nothing is known of 'zzzz'") as told:
        explained("zzzz", journal)
    assert "--state" in told.value.hint
