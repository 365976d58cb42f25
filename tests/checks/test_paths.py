import pytest

from bot.checks.paths import roots_of, up, variables
from bot.model import Check


def check(**over: object) -> Check:
    return Check.model_validate({"name": "t", "kind": "test", "tool": "pytest", "argv": ("python",), **over})


@pytest.mark.parametrize(("cwd", "way"), [(".", "."), ("api", ".."), ("a/b", "../..")])
def test_the_way_back_to_the_top(cwd: str, way: str) -> None:
    assert up(check(cwd=cwd)) == way


def test_the_import_path_starts_with_what_the_check_names() -> None:
    own = check(cwd="api", env={"PYTHONPATH": "lib:.:/outside:../../far:", "MODE": "x"})
    assert roots_of(own, (".", "api", "src")) == ("api/lib", "api", ".", "src")
    assert variables(own, ("src",)) == {"PYTHONPATH": "../api/lib:../api:../src", "MODE": "x"}
