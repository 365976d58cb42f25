"""Sequence 3, `diagnosis.analyze`: why it is wrong, where, how much it matters, and what could help."""

from __future__ import annotations

from bot.causes.evidence import World, find_good, find_installable, measure_spectrum, repeat_failing
from bot.causes.experiments import with_cures
from bot.causes.impact import assess
from bot.causes.locate import diagnose_failure, diagnose_flow, diagnose_gap, diagnose_slow, follows, refuted
from bot.codebase import Codebase, held
from bot.codebase.prepare import copied, with_environment
from bot.errors import Misconfigured
from bot.learning import order, reasons
from bot.model import (
    AnalysisRequest,
    Anomaly,
    AnomalySet,
    AssessedDiagnosis,
    Completed,
    Diagnosis,
    DiagnosisSet,
    FixRecommendation,
    Known,
    Request,
    Start,
    Stored,
    StrategyRecord,
    fingerprint,
)
from bot.policy import RepoPolicy
from bot.ports import Environments, Progress, Sandbox, Source, Store
from bot.registry import handler, units

Anomalies = tuple[Anomaly, ...]
Diagnoses = tuple[Diagnosis, ...]


@handler(returns="analysis_request")
def analyze_requested(request: Request, known: Known | None) -> AnalysisRequest | Known:
    """Accept a request for a diagnosis, or give the stored answer; an empty id is an error."""
    if not request.request_id:
        raise Misconfigured("Invalid request ID", hint="Give the request an id that is not empty.")
    if known is not None:
        return known
    return AnalysisRequest(
        request_id=request.request_id,
        record_id=request.record_id,
        repository=request.repository,
        checkout=request.checkout,
        good=request.good,
        seed=request.seed,
        deadline=request.deadline,
    )


@handler(returns=("anomaly_set", "strategy_records"))
def load_anomalies(analysis_request: AnalysisRequest, store: Store) -> tuple[AnomalySet, tuple[StrategyRecord, ...]]:
    """Load the anomalies of the record, and how the strategies have done in this repository."""
    found = store.load(analysis_request.record_id, AnomalySet)
    return found, store.records(analysis_request.repository)


@handler(returns="codebase")
def load_codebase_info(
    analysis_request: AnalysisRequest,
    anomaly_set: AnomalySet,
    source: Source,
    environments: Environments,
    sandbox: Sandbox,
    store: Store,
    progress: Progress,
) -> Codebase:
    """Prepare the tree and its environment, find the last good version, and measure which test covers which line."""
    forge_only = for_the_forge(anomaly_set.all_anomalies)
    failures = [failure for anomaly in anomaly_set.all_anomalies for failure in anomaly.failures]
    info = copied(analysis_request.checkout, source, store, failures)
    info = held.recalled(info) if forge_only else with_environment(info, environments)
    info = info.model_copy(update={"repository": analysis_request.repository})
    failing = failing_tests(anomaly_set.all_anomalies)
    if forge_only:
        return Codebase(info)
    if not info.environment:
        return Codebase(find_installable(info, analysis_request, World(source, sandbox, store), environments))
    world = World(source, sandbox, store)
    if failing or analysis_request.good:
        progress.say("looking for the last good version")
        info = find_good(info, failing, analysis_request, world)
    if failing or any(measured(anomaly) for anomaly in anomaly_set.all_anomalies):
        progress.say("measuring which test covers which line")
        info = measure_spectrum(info, world, failing, analysis_request.deadline)
    if failing:
        info = repeat_failing(info, failing, world)
        progress.say("trying changes to find the faulty line")
        info = with_cures(info, anomaly_set.all_anomalies, sandbox, analysis_request.deadline)
    return Codebase(info)


def measured(anomaly: Anomaly) -> bool:
    """Return whether a repair of an anomaly is judged by the tests that run the function at fault."""
    return anomaly.type in {"performance", "coverage", "behavioral", "state"} and anomaly.severity != "low"


def for_the_forge(anomalies: Anomalies) -> bool:
    """Return whether all that failed is the configuration of workflows, which nothing but the forge can run."""
    classes = {failure.klass for anomaly in anomalies for failure in anomaly.failures}
    return classes == {"actions-config"} and all(anomaly.failures for anomaly in anomalies)


def failing_tests(anomalies: Anomalies) -> tuple[str, ...]:
    """Return the ids of all failing tests that the anomalies hold, each once, in order."""
    ids = [failure.test_id for anomaly in anomalies for failure in anomaly.failures]
    return tuple(dict.fromkeys(test for test in ids if test))


@handler(returns="performance_diagnoses")
def analyze_performance_issues(anomaly_set: AnomalySet, codebase: Codebase) -> Diagnoses:
    """Find the slow function and the costly pattern in it, but not in what is slow because it calls a slow one."""
    every = _of(anomaly_set, "performance")
    felt = [anomaly for anomaly in every if anomaly.severity != "low"]
    own = (anomaly for anomaly in every if not (codebase.good and follows(anomaly, felt, codebase)))
    return tuple(diagnose_slow(anomaly, codebase) for anomaly in own)


@handler(returns="behavioral_diagnoses")
def analyze_behavioral_issues(anomaly_set: AnomalySet, codebase: Codebase) -> Diagnoses:
    """Find the first divergence and the code that calls the handlers in that order."""
    return tuple(diagnose_flow(anomaly, codebase) for anomaly in _of(anomaly_set, "behavioral"))


@handler(returns="coverage_diagnoses")
def analyze_coverage_issues(anomaly_set: AnomalySet, codebase: Codebase) -> Diagnoses:
    """Find the untested function, unless a test was seen to run it, and the stale section of documentation."""
    gaps = (one for one in _of(anomaly_set, "coverage", "documentation") if not refuted(one, codebase))
    return tuple(diagnose_gap(anomaly, codebase) for anomaly in gaps)


@handler(returns="error_diagnoses")
def analyze_error_issues(anomaly_set: AnomalySet, codebase: Codebase) -> Diagnoses:
    """Find the faulty line of each error, state and dependency anomaly, with the other suspects."""
    return tuple(diagnose_failure(anomaly, codebase) for anomaly in _of(anomaly_set, "error", "state", "dependency"))


def _of(anomaly_set: AnomalySet, *types: str) -> Anomalies:
    return tuple(anomaly for anomaly in anomaly_set.all_anomalies if anomaly.type in types)


@handler(returns="assessed")
def assess_impact(
    performance_diagnoses: Diagnoses,
    behavioral_diagnoses: Diagnoses,
    coverage_diagnoses: Diagnoses,
    error_diagnoses: Diagnoses,
    anomaly_set: AnomalySet,
    codebase: Codebase,
) -> tuple[AssessedDiagnosis, ...]:
    """Weigh every diagnosis by severity, use, effort and benefit, and put the most rewarding first."""
    anomalies = {anomaly.id: anomaly for anomaly in anomaly_set.all_anomalies}
    every = (*error_diagnoses, *performance_diagnoses, *behavioral_diagnoses, *coverage_diagnoses)
    assessed = [assess(found, anomalies[found.anomaly_id], codebase) for found in every]
    return tuple(sorted(assessed, key=lambda one: (-one.benefit, one.effort, one.diagnosis.anomaly_id)))


@handler(returns="recommendations")
def recommend_fixes(
    assessed: tuple[AssessedDiagnosis, ...],
    strategy_records: tuple[StrategyRecord, ...],
    anomaly_set: AnomalySet,
    policy: RepoPolicy,
) -> tuple[FixRecommendation, ...]:
    """Choose the strategies for each cause, ordered by what they achieved here, with the reason for the order."""
    here = tuple(record for record in strategy_records if record.repository == anomaly_set.repository)
    return tuple(_recommendation(one, here, policy) for one in assessed)


def _recommendation(
    assessed: AssessedDiagnosis, records: tuple[StrategyRecord, ...], policy: RepoPolicy
) -> FixRecommendation:
    diagnosis = assessed.diagnosis
    causes = {diagnosis.pattern, diagnosis.type, diagnosis.details.get("class", "")}
    fitting: dict[str, list[str]] = {"code": [], "test": [], "docs": []}
    for unit in units("strategy").values():
        if causes.intersection(unit.about["causes"]) and unit.name not in policy.strategies.off:
            fitting[unit.about.get("kind", "code")].append(unit.name)
    ordered: dict[str, tuple[str, ...]] = {}
    said: list[str] = []
    where = records[0].repository if records else ""
    for kind, names in fitting.items():
        by_prior = sorted(names, key=lambda name: (-float(units("strategy")[name].about.get("prior", 0.5)), name))
        ordered[kind] = order(by_prior, records, diagnosis.type, where)
        said += reasons(by_prior, records, diagnosis.type, where)
    return FixRecommendation(
        id=fingerprint(diagnosis.anomaly_id, diagnosis.pattern, length=12),
        assessed=assessed,
        code=ordered["code"],
        test=ordered["test"],
        docs=ordered["docs"],
        reasons=tuple(said),
    )


@handler(returns="diagnosis_stored")
def store_diagnosis(
    recommendations: tuple[FixRecommendation, ...],
    codebase: Codebase,
    analysis_request: AnalysisRequest,
    anomaly_set: AnomalySet,
    store: Store,
) -> Stored:
    """Keep the diagnosis with all it rests on, and return its record."""
    found = DiagnosisSet(
        recommendations=recommendations,
        anomalies=anomaly_set.all_anomalies,
        codebase=codebase.info,
        repository=analysis_request.repository,
        checkout=analysis_request.checkout,
        telemetry_record=anomaly_set.telemetry_record,
    )
    record = store.save(found, kind="diagnosis", repository=analysis_request.repository)
    store.answer("diagnosis.analyze", analysis_request.request_id, record)
    return Stored(stored=True, record_id=record)


@handler(returns="completed")
def analyze_completed(
    analysis_request: AnalysisRequest, diagnosis_stored: Stored, recommendations: tuple[FixRecommendation, ...]
) -> Completed:
    """Say how many causes were found, and start one repair for each."""
    starts = tuple(
        Start(
            event="generate.fix.requested",
            request_id=f"{analysis_request.request_id}/{one.id}",
            record_id=diagnosis_stored.record_id,
            subject=one.id,
        )
        for one in recommendations
    )
    text = f"{len(starts)} cause{'s' * (len(starts) != 1)} diagnosed"
    return Completed(record_id=diagnosis_stored.record_id, summary=text, starts=starts)
