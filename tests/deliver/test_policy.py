"""The policy file: defaults, what is said about a broken one, what an organisation's file adds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import policy
from bot.errors import Misconfigured
from bot.policy import RepoPolicy, load, mode_of, only_observes, problems

EXAMPLE = """
version: 1
mode: propose
modes: [{type: documentation, paths: ["docs/**"], mode: auto}]
merge: {method: squash, settle_seconds: 30, delete_branch: true}
approvals: {count: 1, users: [], teams: [], permission: write, code_owners: false}
checks: {required: [], pass: [success, neutral, skipped], none: block}
paths: {allow: ["**"], deny: []}
limits: {files: 10, lines: 300, open: 5, per_day: 10, per_hour: 3, ci_minutes: 600, attempts: 2}
confidence: 0.6
trust: auto
tests: required
min_age_minutes: 0
labels: {require: [], block: ["do-not-merge"]}
freeze: [{from: "2026-12-20T00:00Z", to: "2027-01-03T00:00Z"}]
strategies: {off: []}
deploy: {kind: none, environment: production, workflow: "", watch_minutes: 60}
telemetry: {services: [], sequences: sequences/}
"""


def test_no_file_means_the_defaults() -> None:
    assert load("") == load("# only a comment\n") == RepoPolicy()


def test_the_whole_example_is_the_defaults_with_two_additions() -> None:
    found = load(EXAMPLE)
    assert found.model_copy(update={"modes": (), "freeze": ()}) == RepoPolicy()
    assert found.freeze[0].from_ == datetime(2026, 12, 20, tzinfo=UTC)
    assert found.modes[0].mode == "auto"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: auto\nlimits:\n  fils: 3\n", "f:3: limits.fils: there is no such key; did you mean 'files'?"),
        ("mode: fast\n", "f:1: mode: must be 'observe', 'propose' or 'auto', not 'fast'"),
        ("limits: {lines: -1}\n", "f:1: limits.lines: input should be greater than or equal to 0, not -1"),
        ("limits: {lines: true}\n", "f:1: limits.lines: input should be a valid integer, not True"),
        ("\nconfidence: 2\n", "f:2: confidence: input should be less than or equal to 1, not 2"),
        ("merge:\n", "f:1: merge: must hold keys and values, not None"),
        ("merge: [1]\n", "f:1: merge: must hold keys and values, not [1]"),
        ("freeze: [{from: '2026-01-02T00:00Z'}]", "f:1: freeze.0: this key is needed"),
        ("freeze:\n- {from: 2026-01-02T00:00:00Z, to: 2026-01-01T00:00:00Z}", "f:2: freeze.0: `to` must be later"),
        ("freeze: [{from: '2026-01-01', to: '2027-01-01'}]", "f:1: freeze.0.from: input should have timezone info"),
        ("deploy: {kind: workflow}", "f:1: deploy: `kind: workflow` needs `workflow`"),
        ("mode: auto\nmode: observe\n", "f:2: the key 'mode' stands here twice"),
        ("paths: {allow: &a [x], deny: *a}\n", "f:1: aliases"),
        ("- mode\n", "f:1: the file must hold keys and values"),
        ("just words\n", "f:1: the file must hold keys and values"),
        ("mode: [\n", "f:2: not valid YAML"),
        ("? [a]\n: b\n", "f:1: a key must be a plain word"),
        ("confidence: 0x_\n", "f:1: '0x_' is not a plain number"),
        ("confidence: .inf\n", "is not a plain number"),
        ("a: " + "[" * 40 + "]" * 40, "f:1: the values are nested too deeply"),
        ("[" * 5000, "f:1: the values are nested too deeply"),
        ("- " * 9000, "f:1: not valid YAML: it can't be read"),
        ("x" * 70_000, "f:1: the file has more than 32,000 characters"),
        ("mode: !!python/object/apply:os.system [echo]\n", "f:1: mode: must be"),
        ("labels: {block: ['" + "x" * 300 + "']}", "..."),
    ],
)
def test_a_broken_file_names_line_and_key(text: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(text, name="f")
    assert said in str(caught.value)
    assert "observe" in caught.value.hint
    assert problems(text)


def test_all_that_is_wrong_is_said_in_the_order_of_lines() -> None:
    found = problems("trust: none\nmode: x\nlimits:\n  files: a\n")
    assert [(each.line, each.key) for each in found] == [(1, "trust"), (2, "mode"), (4, "limits.files")]


def test_yaml_words_stay_words() -> None:
    assert load("strategies: {off: [off, yes, null_check]}").strategies.off == ("off", "yes", "null_check")
    assert load("~: 1").version == 1 if not problems("~: 1") else True
    assert load("---\n").mode == "propose"
    assert load("null\n").mode == "propose"


def test_a_broken_policy_observes() -> None:
    assert policy.broken().mode == "observe"


def test_the_organisation_sets_defaults_that_the_repository_overrides() -> None:
    shared = "mode: auto\nlimits: {files: 3, lines: 50}\nlabels: {block: [stop]}\n"
    found = load("limits: {lines: 70}\n", defaults=shared)
    assert (found.mode, found.limits.files, found.limits.lines) == ("auto", 3, 70)
    assert found.labels.block == ("stop",)
    assert load("", defaults=shared).limits.lines == 50


def test_a_broken_organisation_file_makes_the_policy_broken_too() -> None:
    with pytest.raises(Misconfigured, match=r"organisation's .github/selfheal.yml:1: mode"):
        load("mode: auto", defaults="mode: nonsense")


def test_keys_of_both_come_together() -> None:
    assert problems("deploy:\n  kind: workflow\n  workflow: d.yml\n", defaults="deploy: {watch_minutes: 5}") == ()
    assert problems("deploy: {kind: workflow}", defaults="deploy: {workflow: d.yml}") == ()
    found = problems("deploy:\n  workflow: ''\n", defaults="deploy: {kind: workflow, workflow: d.yml}")
    assert [(each.line, each.key) for each in found] == [(1, "deploy")]


def test_the_schema_has_every_key_as_it_is_written() -> None:
    made = policy.schema()
    assert set(made["properties"]) == set(RepoPolicy.model_fields)
    assert "pass" in made["$defs"]["CheckPolicy"]["properties"]
    assert "from" in made["$defs"]["Freeze"]["properties"]
    json.dumps(made)


def test_the_mode_is_the_most_careful_over_types_and_paths() -> None:
    found = load(
        "mode: propose\nmodes:\n- {type: documentation, mode: auto}\n- {paths: ['legal/**'], mode: observe}\n"
        "- {type: error, paths: ['*.md'], mode: auto}\n"
    )
    assert mode_of(found, "documentation", ("docs/a.md",)) == "auto"
    assert mode_of(found, "documentation", ("docs/a.md", "legal/b.md")) == "observe"
    assert mode_of(found, "error", ("a.md", "b.py")) == "propose"
    assert mode_of(found, "error", ()) == "propose"


def test_observing_means_nowhere_more() -> None:
    assert only_observes(policy.broken())
    assert not only_observes(load("mode: observe\nmodes: [{type: documentation, mode: propose}]"))
    assert not only_observes(RepoPolicy())


def test_the_defaults_are_those_of_the_documentation() -> None:
    shown = RepoPolicy().model_dump(mode="json", by_alias=True)
    assert load(EXAMPLE).model_dump(mode="json", by_alias=True) | {"modes": [], "freeze": []} == shown
    assert Path(policy.FILE) == Path(".github/selfheal.yml")
