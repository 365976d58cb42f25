"""Each type of anomaly from what shows it in practice to a merged, verified fix and what was learned from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.model import Deployment, Lesson, TelemetryMetrics
from tests.e2e import kinds
from tests.e2e.scene import CI, WORKFLOW, Scene, Town, town, until


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town"), SELFHEAL_WINDOW="0.04") as made:
        yield made


def windows(here: Town, scene: Scene) -> int:
    """Return how many looks at telemetry were stored for a repository."""
    return len(here.running.world.store.history(TelemetryMetrics, kind="telemetry", repository=scene.name))


TESTED = frozenset({"behavioral", "performance", "state"})
"""Types whose cause no check shows, so that the patch has to bring the test."""
VIEWS = {
    "performance": "The slowest handlers",
    "behavioral": "```mermaid\nflowchart",
    "state": "gantt",
    "coverage": "**no**",
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["performance", "behavioral", "state", "documentation"])
def test_a_type_is_healed_from_its_trigger_to_the_lesson(here: Town, name: str) -> None:
    kind = kinds.KINDS[name]
    scene = here.scene(name, base=kinds.GOOD)
    send = scene.export if name == "performance" else scene.upload
    here.github.pushed(scene.repo, "main", scene.repo.git.head("main") or "", "ann")
    if kind.before is not None:
        send(kind.before())
        until(lambda: windows(here, scene), "the window before")
    scene.push({kind.file: kinds.GOOD[kind.file].replace(kind.old, kind.new, 1), **kind.more})
    here.github.settle()
    events = kind.events or kinds.KINDS["behavioral"].before
    assert events is not None
    send(events())
    pull = scene.ready()
    assert f"Auto-fix: {name}" in pull["title"]
    assert VIEWS.get(name, "") in pull["body"]
    assert name not in TESTED or "fail without the fix" in pull["body"]
    paths = scene.touched(scene.approve().merged())
    assert all(path == kind.file or path.startswith("tests/") for path in paths)
    assert any(path.startswith("tests/") for path in paths) == (name in TESTED)
    assert right(scene, name)
    if kind.after is not None:  # nothing but telemetry of the time after the merge tells that it worked
        send(kinds.moved(kind.after(), 120))
    verified(here, scene, "telemetry since the merge does not show it" if kind.after else "the checks of the merge")


def right(scene: Scene, name: str) -> bool:
    """Return whether the fault is gone from the main branch."""
    words = {"performance": "set(", "behavioral": "price(order)\n    reserve(order)", "state": "basket=None"}
    return words.get(name, "second: The names") in scene.text(kinds.KINDS[name].file)


def verified(here: Town, scene: Scene, seen: str) -> None:
    """See what was kept of the one delivery in a repository: that it worked, and by what."""
    effect = until(lambda: learned(here, scene), "the lesson").effectiveness
    stories = here.running.world.store.every(Deployment, kind="deployment")
    (story,) = [one for one in stories if one.repository == scene.name]
    assert (story.state, story.verified) == ("verified", "healthy")
    assert seen in story.facts["seen"]
    assert (effect.fix_id, effect.anomaly_type, effect.successful) == (story.facts["patch"], story.type, True)


@pytest.mark.timeout(400)
def test_a_missing_dependency_is_healed_from_a_red_run_to_the_lesson(here: Town) -> None:
    kind = kinds.KINDS["dependency"]
    scene = here.scene("dependency", base={**kinds.GOOD, CI: WORKFLOW})
    scene.repo.script = lambda branch, _sha: "real" if branch == "main" and not scene.repo.pulls else "success"
    scene.push({kind.file: kinds.GOOD[kind.file].replace(kind.old, kind.new, 1)})
    assert "Auto-fix: dependency" in scene.ready()["title"]
    scene.approve().merged()
    assert '"inflection"' in scene.text("pyproject.toml")
    verified(here, scene, "the checks of the merge")


MEASURING = """\
name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: python -m pytest --cov=shop --cov-report=xml
      - uses: actions/upload-artifact@v4
        with: {name: coverage, path: coverage.xml}
"""


@pytest.mark.timeout(400)
def test_what_a_coverage_artifact_shows_untested_is_tested(here: Town) -> None:
    named = kinds.TESTS.replace("common, initials", "common, discount, initials")  # by names alone it seems tested
    scene = here.scene("coverage", base={**kinds.GOOD, "tests/test_shop.py": named, CI: MEASURING})
    scene.repo.script = lambda _branch, _sha: "real"
    assert scene.upload(kinds.KINDS["coverage"].events()) == 202
    until(lambda: windows(here, scene), "the use of it")
    assert not scene.repo.pulls
    scene.push({"README.md": "A shop.\n"})
    pull = scene.ready()
    assert pull["title"] == "🤖 Auto-fix: coverage in discount"
    assert VIEWS["coverage"] in pull["body"]
    (path,) = scene.touched(scene.approve().merged())
    assert path.startswith("tests/")
    assert "discount(" in scene.text(path)
    verified(here, scene, "telemetry since the merge does not show it")


def learned(here: Town, scene: Scene) -> Lesson | None:
    """Return what was learned in a repository, or None while nothing was."""
    lessons = here.running.world.store.every(Lesson, kind="lesson")
    return next((one for one in lessons if one.effectiveness.repository == scene.name), None)
