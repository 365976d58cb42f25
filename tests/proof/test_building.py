"""A build that failed is run again, before and after, with the project's own backend."""

from bot.proof.building import prove_build
from tests.proof.ground import Case, record
from tests.proof.test_other_steps import Unable

BROKEN = '[build-system]\nrequires = []\nbuild-backend = "own:kept.backed"\nbackend-path = ["tools"]\n'
GOOD = BROKEN.replace("backed", "backend")
OWN = (
    "from types import SimpleNamespace\n\n\ndef build_wheel(folder):\n    return 'a.whl'\n\n\n"
    "kept = SimpleNamespace(backend=SimpleNamespace(build_wheel=build_wheel))\n"
)
CAUSE = {"details": {"class": "packaging"}}


def test_a_wheel_is_built_with_the_patch_only(tmp_path):
    case = Case(tmp_path, {"pyproject.toml": BROKEN, "tools/own.py": OWN}, [{"pyproject.toml": GOOD}], diagnosis=CAUSE)
    found = prove_build(case.trial(), case.ground())
    assert record(found, "command") == (True, "a wheel is built with the patch")
    assert [run.exit_code == 0 for run in (*found.before, *found.after)] == [False, True]


def test_a_patch_that_does_not_mend_the_build_is_refused(tmp_path):
    files = {"pyproject.toml": BROKEN, "tools/own.py": OWN}
    case = Case(
        tmp_path,
        files,
        [{"pyproject.toml": BROKEN + "# said\n"}, {"pyproject.toml": "[build-system\n"}],
        diagnosis=CAUSE,
    )
    assert record(prove_build(case.trial(), case.ground()), "command") == (False, "no wheel is built with the patch")
    unable = Case(tmp_path / "b", files, [{"pyproject.toml": GOOD}], diagnosis=CAUSE, environments=Unable())
    assert record(prove_build(unable.trial(), unable.ground()), "command")[0] is False


def test_a_build_that_works_anyway_proves_nothing(tmp_path):
    case = Case(
        tmp_path, {"pyproject.toml": GOOD, "tools/own.py": OWN}, [{"pyproject.toml": GOOD + "\n"}], diagnosis=CAUSE
    )
    assert "without the patch too" in prove_build(case.trial(), case.ground()).not_checked[0]
    other = Case(tmp_path / "b", {"pyproject.toml": GOOD}, [{"pyproject.toml": GOOD + "\n"}])
    assert prove_build(other.trial(), other.ground()).records == ()
