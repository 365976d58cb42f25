"""One test per case folder: `tests/cases/<family>/<unit>/<case>/` holds inputs and the expected files.

`tests/families/<family>.py` offers `run(unit_name, case_folder) -> dict[file name, expected text]`, and may offer
`outputs(case_folder)`, the expected files there are: one that the run no longer gives fails the case.
"""

import importlib
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
FOUND = sorted(case for case in CASES.glob("*/*/*") if case.is_dir())


@pytest.mark.parametrize("case", FOUND, ids=[str(case.relative_to(CASES)) for case in FOUND])
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    family, unit = case.parent.parent.name, case.parent.name
    module = importlib.import_module(f"tests.families.{family}")
    expected: dict[str, str] = module.run(unit, case)
    if request.config.getoption("--update"):
        for name, text in expected.items():
            (case / name).parent.mkdir(parents=True, exist_ok=True)
            (case / name).write_text(text, encoding="utf-8")
    for name, text in expected.items():
        assert (case / name).is_file(), f"{case / name} is missing: run with --update and read what it wrote"
        assert text == (case / name).read_text(encoding="utf-8")
    stale = [p.name for p in getattr(module, "outputs", lambda c: ())(case) if p.name not in expected]
    assert not stale, f"expected files that the run does not give any more: {stale}"
