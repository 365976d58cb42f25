from pathlib import Path

import pytest

from bot.adapters.environments_project import project_version, write_distribution
from bot.codebase import installed, of


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"setup.cfg": "[metadata]\nname = x\nversion = 1.2\n"}, "1.2"),
        (
            {
                "setup.cfg": "[metadata]\nname = x\nversion = attr: x.v\n",
                "x/__init__.py": "__version__ = '2.0'  # now\n",
            },
            "2.0",
        ),
        ({"src/x/_version.py": "__version__: str = '3.1'\n", "x/y/z/__init__.py": "__version__ = '9'\n"}, "3.1"),
        ({"x/__init__.py": "__version__ = compute()\nversion = (1, 2)\n", "x/version.py": "VERSION = 'x'\n"}, "0.0.0"),
        ({}, "0.0.0"),
    ],
)
def test_the_version_is_read_and_never_computed(files: dict[str, str], version: str) -> None:
    assert project_version(files, of(files).metadata) == version


PYPROJECT = """[project]
name = "thing"
version = "1"
dependencies = ["a>1", "b; extra == 'x'"]
[project.scripts]
good = "thing.cli:main [extra]"
deep = "thing.cli:App.run"
bad = "thing.cli"
evil = "os; import x:y"
"../out" = "thing.cli:main"
[project.entry-points.plug]
p = "thing.p"
"""


def environment(folder: Path) -> Path:
    (folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (folder / "bin").mkdir()
    return folder


def test_metadata_entry_points_and_scripts_are_written(tmp_path: Path) -> None:
    made = environment(tmp_path / "e")
    (made / "bin" / "taken").write_text("")
    write_distribution(made, {"pyproject.toml": PYPROJECT})
    info = made / "lib/python3.11/site-packages/thing-1.dist-info"
    assert "Requires-Dist: a>1\n" in (info / "METADATA").read_text()
    assert "[plug]\np = thing.p\n" in (info / "entry_points.txt").read_text()
    assert sorted(path.name for path in (made / "bin").iterdir()) == ["deep", "good", "taken"]
    assert "from thing.cli import App\nsys.exit(App.run())" in (made / "bin" / "deep").read_text()
    assert not (tmp_path / "out").exists()
    assert installed.packages(made) == {"thing": "1"}
    write_distribution(made, {"pyproject.toml": PYPROJECT})
    assert len(list(info.parent.iterdir())) == 1


def test_a_project_without_a_name_leaves_no_trace(tmp_path: Path) -> None:
    made = environment(tmp_path / "e")
    write_distribution(made, {"requirements.txt": "a\n"})
    assert installed.packages(made) == {}
    write_distribution(tmp_path / "not-there", {"pyproject.toml": PYPROJECT})
    assert not (tmp_path / "not-there").exists()
