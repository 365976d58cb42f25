from bot.codebase import of
from bot.codebase.generated import generated
from bot.codebase.needed import missing, needed

PYPROJECT = """[project]
name = "X.y"
dependencies = ["a>=1", "b; python_version < '3'", "not a requirement !!"]
[project.optional-dependencies]
web = ["w", "x-y[more]"]
more = ["m"]
unit-tests = ["t", "x.y[web]", "a>=1"]
[dependency-groups]
dev = [{include-group = "lint"}]
lint = ["l"]
docs = ["d"]
"""


def test_what_the_tests_need_is_told_from_what_helps() -> None:
    found = needed(of({"pyproject.toml": PYPROJECT}).metadata, ("pytest>=8", "ruff", "hypothesis", "ruff", "l"))
    assert found.core == ("a>=1", "b; python_version < '3'")
    assert found.runners == ("pytest>=8",)
    assert found.tools == ("ruff",)
    assert found.helpful == ("t", "l", "w", "m", "hypothesis")
    assert found.checks == ("pytest>=8", "ruff")


def test_lists_are_what_a_project_needs_only_without_metadata() -> None:
    files = {"requirements.txt": "a==1\n-r requirements/base.txt\n", "requirements/base.txt": "b\n-r more.txt\n"}
    assert needed(of(files).metadata, ()).core == ("a==1", "b")
    files["setup.py"] = "from setuptools import setup\nsetup(install_requires=['c'])\n"
    both = needed(of(files).metadata, ())
    assert both.core == ("c",)
    assert both.helpful == ("a==1", "b")
    assert needed(of({"environment.yml": "dependencies:\n  - n=1.2\n"}).metadata, ()).core == ("n==1.2.*",)


def test_addresses_that_a_stranger_chose_are_not_asked() -> None:
    names = [
        "ok @ https://files.pythonhosted.org/x/ok-1-py3-none-any.whl#sha256=1",
        "a @ http://10.0.0.1/a-1-py3-none-any.whl",
    ]
    names += ["b @ git+https://example.org/b", "c @ file:///etc/passwd", "d @ https://files.pythonhosted.org/d.tar.gz"]
    assert needed(of({"requirements.txt": "\n".join(names)}).metadata, ()).core == (names[0],)


def test_groups_that_include_each_other_end() -> None:
    text = '[dependency-groups]\ntest = [{include-group = "dev"}, "t"]\ndev = [{include-group = "test"}, "d"]\n'
    assert needed(of({"pyproject.toml": text}).metadata, ()).helpful == ("t", "d")


def test_what_is_missing() -> None:
    wanted = ("a>=1", "b<2", "c", "d; python_version < '3'", "e @ https://x/e.whl", "nonsense !!", "f>=1")
    held = {"a": "1.0", "b": "2.0", "e": "0.1", "f": "not-a-version"}
    assert missing(wanted, held) == ("b<2", "c", "f>=1")


def test_version_modules_that_a_build_would_write() -> None:
    text = """[tool.setuptools_scm]
write_to = "pkg/_version.py"
version_file = 3
[tool.hatch.build.hooks.vcs]
version-file = "pkg/_there.py"
[tool.pdm.version]
write_to = "pkg/version.txt"
"""
    found = generated({"pyproject.toml": text, "pkg/_there.py": ""})
    assert list(found) == ["pkg/_version.py"]
    names: dict[str, object] = {}
    exec(found["pkg/_version.py"], names)
    assert (names["version"], names["__version_tuple__"]) == ("0.0.0", (0, 0, 0))
    assert generated({"pyproject.toml": "[broken"}) == {}
    assert generated({}) == {}
