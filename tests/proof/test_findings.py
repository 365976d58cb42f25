"""Static checks: the cause's findings gone, no new ones, and none of the project's other checks worse."""

from __future__ import annotations

from bot.checks import discover
from bot.logs import failures_of
from bot.model import Check
from tests.proof.ground import PYTEST, Case, seen

SETTINGS = '[project]\nname = "a"\nversion = "1"\n\n[tool.ruff]\nline-length = 100\n'
FILES = {
    "pyproject.toml": SETTINGS,
    "a.py": "import os\nimport sys\n\n\ndef f(x):\n    print(sys)\n    return x\n",
    "tests/test_a.py": "from a import f\n\n\ndef test_f():\n    assert f(1) == 1\n",
}
GOOD = FILES["a.py"].replace("import os\n", "")
RUFF = Check(name="ruff", kind="lint", tool="ruff", argv=("ruff", "check", "--no-cache", "."))


def lint(folder, patches, **more):
    output = more.pop("output", b"a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n")
    details = {"class": "lint", "tool": "ruff", "code": "F401"}
    cause = {"details": details, "failures": failures_of("log", output)[1]}
    checks = (PYTEST, RUFF, *more.pop("more_checks", ()))
    return Case(folder, more.pop("files", FILES), patches, failing=(), checks=checks, diagnosis=cause, **more)


def test_an_unused_import_removed_is_proven(tmp_path):
    verdict = lint(tmp_path, [{"a.py": GOOD}]).prove()
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["ruff"] == (True, "ruff fails without the patch and passes with it")
    assert verdict.evidence.before[0].exit_code == 1


def test_the_wrong_finding_removed_is_refused(tmp_path):
    worse = FILES["a.py"].replace("import os\n", "import json\n")
    verdict = lint(tmp_path, [{"a.py": worse}]).prove()
    assert not verdict.proven
    assert "1 new finding(s)" in verdict.refusals[0]


def test_what_is_left_is_told_where_it_is_of_another_cause(tmp_path):
    files = {**FILES, "b.py": "X = 1\nif X is 1:\n    print(X)\n"}
    verdict = lint(tmp_path, [{"a.py": GOOD}], files=files).prove()
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["ruff"][1] == "1 finding(s) gone, none new, 1 of other causes left"


def test_nothing_gone_is_refused(tmp_path):
    verdict = lint(tmp_path, [{"a.py": FILES["a.py"] + "\n\nX = 1\n"}]).prove()
    assert not verdict.proven
    assert "still there" in verdict.refusals[0]


def test_a_check_that_passes_anyway_proves_nothing(tmp_path):
    verdict = lint(tmp_path, [{"a.py": GOOD + "\n\nX = 1\n"}], files={**FILES, "a.py": GOOD}).prove()
    assert not verdict.proven
    assert "passes without the patch" in verdict.refusals[0]


def test_no_check_of_the_cause_is_a_refusal(tmp_path):
    cause = {"details": {"class": "lint", "tool": "ruff", "code": "F401"}, "failures": ()}
    case = Case(tmp_path, FILES, [{"a.py": GOOD}], failing=(), checks=(PYTEST,), diagnosis=cause)
    verdict = case.prove()
    assert not verdict.proven
    assert "no lint check" in verdict.refusals[0]


def test_a_tool_that_only_a_log_shows_is_run(tmp_path):
    verdict = lint(tmp_path, [{"a.py": GOOD}], info={"checks": (PYTEST,)}).prove()
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["ruff"] == (True, "ruff fails without the patch and passes with it")


def test_a_check_that_can_not_run_proves_nothing(tmp_path):
    broken = RUFF.model_copy(update={"argv": ("ruff", "check", "--no-such-flag", ".")})
    verdict = lint(tmp_path, [{"a.py": GOOD}], info={"checks": (PYTEST, broken)}).prove()
    assert not verdict.proven
    assert "says nothing that can be compared" in verdict.refusals[0]


def test_a_fix_of_a_test_must_not_make_lint_worse(tmp_path):
    files = {**FILES, "a.py": GOOD.replace("return x", "return -x")}
    right_but_untidy = GOOD.replace("def f", "import re\n\n\ndef f")
    case = Case(
        tmp_path, files, [{"a.py": right_but_untidy}, {"a.py": GOOD}],
        failing=("tests/test_a.py::test_f",), checks=discover(files),
    )  # fmt: skip
    verdict = case.prove()
    assert verdict.proven
    assert verdict.patch.id == "p1"
    assert "ruff" in verdict.refusals[0]


def test_another_check_that_fails_as_before_and_says_nothing_is_no_obstacle(tmp_path):
    quiet = Check(name="quiet", kind="lint", tool="quiet", argv=("python", "-c", "raise SystemExit(1)"))
    verdict = lint(tmp_path, [{"a.py": GOOD}], more_checks=(quiet,)).prove()
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["quiet"] == (True, "quiet fails as it does without the patch, and says the same")


def test_another_check_that_fails_with_other_words_is_one(tmp_path):
    said = "import pathlib; print(len(pathlib.Path('a.py').read_text()) > 60 and 'long'); raise SystemExit(1)"
    other = Check(name="other", kind="lint", tool="other", argv=("python", "-c", said))
    verdict = lint(tmp_path, [{"a.py": GOOD}], more_checks=(other,)).prove()
    assert not verdict.proven
    assert "says nothing that can be compared" in verdict.refusals[0]
