"""From a red run on: what the base, other branches, forks, flaky tests and people make of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.scene import Scene, Town, town, until
from tests.github import actions

GOOD = "import math\n\n\ndef total(a, b):\n    return math.fsum((a, b))\n"
BAD = GOOD.replace("import math\n\n\n", "")
pytestmark = pytest.mark.timeout(400)
DOC = '"""Sums."""\n'
OTHER = "\n\ndef half(a):\n    return a // 2\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town"), api="/api/v3") as made:
        yield made


def parents(scene: Scene, sha: str) -> list[str]:
    """Return the parents of a commit."""
    return scene.repo.git.git("show", "-s", "--format=%P", sha).split()


def test_a_fix_is_made_again_when_the_base_conflicts_with_it(here: Town) -> None:
    scene = here.scene("moved", "approvals: {count: 2}\n", ci="real", **{"pkg/a.py": GOOD})
    scene.push({"pkg/a.py": BAD})
    pull = scene.ready()
    first = pull["head"]["sha"]
    scene.approve().told("Approved by")
    base = scene.push({"pkg/a.py": DOC + BAD + OTHER})
    assert scene.repo.git.merge_tree(base, first) is None
    until(lambda: pull["head"]["sha"] != first, "the fix on the new base")
    assert parents(scene, pull["head"]["sha"]) == [first, base]
    made = scene.text("pkg/a.py", pull["head"]["ref"])
    assert [line for line in made.splitlines() if line] == [line for line in (DOC + GOOD + OTHER).splitlines() if line]
    scene.told("ann approved an earlier head")
    scene.approve().told("1 approval of this head")
    scene.approve("bob").merged()
    assert scene.text("pkg/a.py") == made
    assert len(scene.repo.pulls) == 1


def test_a_person_who_takes_the_branch_keeps_it(here: Town) -> None:
    scene = here.scene("taken", ci="real", **{"pkg/a.py": GOOD})
    scene.push({"pkg/a.py": BAD})
    pull = scene.ready()
    scene.push({"notes.txt": "mine\n"}, pull["head"]["ref"], user="bob")
    scene.told("a person committed to the branch")
    here.github.comment(scene.name, 1, "ann", "/selfheal retry")
    second = scene.ready(2)
    assert second["head"]["ref"] == f"{pull['head']['ref']}-2"
    scene.push({"pkg/a.py": GOOD})
    until(lambda: second["state"] == "closed", "the end of what is not needed any more")
    assert pull["state"] == "open"
    assert "not seen on `main`" in scene.told("any more", 2)


def test_a_cause_of_the_base_is_healed_there_once(here: Town) -> None:
    scene = here.scene("once", ci="real", **{"pkg/a.py": GOOD})
    bad = scene.push({"pkg/a.py": BAD})
    pull = scene.pull()
    here.github.later(lambda: actions.run(here.github, scene.repo, "main", bad))
    scene.push({"notes.txt": "new\n"}, "topic")
    here.github.settle()
    until(lambda: len(looks(here, scene)) == 3, "all runs to be looked at")
    here.settle()
    assert list(scene.repo.pulls.values()) == [pull]


def looks(here: Town, scene: Scene) -> list[str]:
    """Return the red runs that were looked at to the end."""
    states = here.running.durable.states(prefix=f"heal:{scene.name}:")
    return [one.id for one in states if one.status == "SUCCESS"]


def test_a_fork_gets_a_patch_in_a_comment(here: Town) -> None:
    scene = here.scene("fork", ci="real", **{"pkg/a.py": GOOD})
    scene.repo.forks["patch-1"] = "eve/fork"
    here.github.write(scene.name, "patch-1", {"pkg/a.py": BAD}, user="eve", quiet=True)
    pull = here.github.open(scene.name, "patch-1", "eve")
    here.github.pushed(scene.repo, "patch-1", pull["head"]["sha"], "eve")
    assert "+import math" in scene.told("git apply")
    assert len(scene.repo.pulls) == 1
    assert scene.repo.git.head("patch-1") == pull["head"]["sha"]


def test_a_flaky_run_is_run_once_more_and_left_alone(here: Town) -> None:
    scene = here.scene("flaky", **{"pkg/a.py": GOOD})
    answers = iter(["failure", "success"])
    scene.repo.script = lambda _branch, _sha: next(answers)
    scene.repo.output = "FAILED tests/test_a.py::test_total - assert 2 == 3\n==== 1 failed in 0.1s ====\n"
    sha = scene.push({"notes.txt": "new\n"})
    ours = lambda: [one for one in scene.repo.checks if (one["name"], one["head_sha"]) == ("selfheal", sha)]  # noqa: E731
    check = until(ours, "our check")[0]
    assert (check["conclusion"], "flaky" in check["output"]["summary"]) == ("neutral", True)
    assert not scene.repo.pulls


def test_a_repository_that_only_observes_gets_a_check_and_nothing_else(here: Town) -> None:
    scene = here.scene("observing", "mode: observe\n", ci="failure")
    scene.repo.output = "FAILED tests/test_a.py::test_total - assert 2 == 3\n==== 1 failed in 0.1s ====\n"
    sha = scene.push({"notes.txt": "new\n"})
    ours = lambda: [one for one in scene.repo.checks if (one["name"], one["head_sha"]) == ("selfheal", sha)]  # noqa: E731
    assert "the mode is `observe`" in until(ours, "our check")[0]["output"]["summary"]
    here.settle()
    assert not any("rerun" in path and scene.name in path for _, path, _ in here.github.requests)
    assert not scene.repo.pulls


def test_a_superseded_commit_is_not_looked_at(here: Town) -> None:
    scene = here.scene("superseded", ci="failure")
    scene.repo.script = None
    old = scene.push({"notes.txt": "old\n"})
    scene.push({"notes.txt": "new\n"})
    here.github.later(lambda: actions.tell(here.github, scene.repo, ("main", old), "failure"))
    until(lambda: looks(here, scene), "the run to be dropped")
    assert not any("/logs" in path and scene.name in path for _, path, _ in here.github.requests)
