"""Environments are made for real, by uv, from wheels in a folder."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters import environments_index, environments_own, environments_python, environments_uv
from bot.adapters.environments import UvEnvironments
from bot.errors import Declined, Misconfigured, Transient
from bot.ports import Environment
from tests.wheels import sha256, wheel


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    wheel(folder, "alpha", "1.0")
    wheel(folder, "alpha", "2.0")
    wheel(folder, "beta", requires=("alpha<2",))
    wheel(folder, "pytest", "8.0", script="pytest")
    wheel(folder, "black", "23.1", requires=("alpha>=2",), script="black")
    wheel(folder, "mypy", "1.0", requires=("alpha>=2",), script="mypy")
    wheel(folder, "gamma", requires=("alpha>=2",))
    return folder


@pytest.fixture
def world(index: Path, tmp_path: Path) -> "World":
    return World(index, tmp_path)


class World:
    """A project folder, and environments made for it from the wheels of the index alone."""

    def __init__(self, index: Path, folder: Path) -> None:
        self.tree = folder / "tree"
        self.tree.mkdir()
        self.cache = folder / "cache"
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PIP_FIND_LINKS": str(index),
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": "/dev/null",
        }

    def write(self, **files: str) -> "World":
        for name, text in files.items():
            path = self.tree / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self

    def prepare(self, *needs: str, original: Path | None = None) -> Environment:
        return UvEnvironments(self.cache, self.environ).prepare(self.tree, needs, original=original)


def run(environment: Environment, code: str) -> str:
    python = environment.folder / "bin" / "python"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


PYPROJECT = """[project]
name = "My.Project"
version = "3.1"
dependencies = ["beta"]
[project.optional-dependencies]
test = ["pytest"]
docs = ["never-heard-of"]
[project.scripts]
mine = "mine:main"
"""


def test_an_environment_from_the_metadata(world: World) -> None:
    made = world.write(pyproject_DOT_toml=PYPROJECT).prepare("pytest>=8")
    assert made.packages == {"alpha": "1.0", "beta": "1.0", "my-project": "3.1", "pytest": "8.0"}
    assert made.how == "made with uv from the project's metadata"
    assert {path.name.partition(".")[0] for path in made.folder.glob("lib/*/site-packages/__pycache__/*.pyc")} >= {
        "beta"
    }
    assert made.python == run(made, "import sys; print('%d.%d.%d' % sys.version_info[:3])")
    assert run(made, "import importlib.metadata as m; print(m.version('my-project'))") == "3.1"
    (world.tree / "mine.py").write_text("def main():\n    print('here')\n")
    script = made.folder / "bin" / "mine"
    done = subprocess.run([script], env={"PYTHONPATH": str(world.tree)}, capture_output=True, text=True, check=True)
    assert done.stdout == "here\n"
    assert subprocess.check_output([made.folder / "bin" / "pytest"], text=True) == "pytest 8.0\n"


def test_it_is_used_again_while_what_is_declared_stays(world: World) -> None:
    first = world.write(pyproject_DOT_toml=PYPROJECT).prepare("pytest")
    marker = first.folder / "marker"
    marker.touch()
    world.write(pyproject_DOT_toml=PYPROJECT + "[tool.ruff]\n")
    assert world.prepare("pytest").folder == first.folder
    assert marker.exists()
    world.write(pyproject_DOT_toml=PYPROJECT.replace('"beta"', '"gamma"'))
    second = world.prepare("pytest")
    assert second.folder != first.folder
    assert second.packages["alpha"] == "2.0"


def test_a_half_made_environment_is_made_again(world: World) -> None:
    first = world.write(pyproject_DOT_toml=PYPROJECT).prepare()
    (first.folder / "selfheal-environment.txt").unlink()
    assert world.prepare().packages["beta"] == "1.0"


def test_what_is_left_over_or_unused_is_removed(world: World) -> None:
    first = world.write(pyproject_DOT_toml=PYPROJECT).prepare()
    left = first.folder.parent / ".making-left"
    left.mkdir()
    old = time.time() - 90 * 24 * 3600
    os.utime(left, (old, old))
    os.utime(first.folder / "selfheal-environment.txt", (old, old))
    world.write(pyproject_DOT_toml=PYPROJECT.replace("3.1", "3.2")).prepare()
    assert not left.exists()
    assert not first.folder.exists()


def test_two_at_a_time_make_one(world: World) -> None:
    world.write(pyproject_DOT_toml=PYPROJECT)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: world.prepare("pytest"), range(2)))
    assert made[0] == made[1]
    assert len(list((world.cache / "environments").glob("*/bin"))) == 1


def test_what_can_not_be_satisfied_is_declined_in_the_resolvers_words(world: World) -> None:
    world.write(requirements_DOT_txt="beta\ngamma\n")
    with pytest.raises(Declined, match="unsatisfiable"):
        world.prepare()
    world.write(requirements_DOT_txt="no-such-thing\n")
    with pytest.raises(Declined, match="no-such-thing"):
        world.prepare()


def test_development_groups_that_conflict_are_left_out(world: World) -> None:
    text = '[project]\nname="x"\ndependencies=["beta"]\n[dependency-groups]\ndev=["gamma", "no-such-thing"]\n'
    made = world.write(pyproject_DOT_toml=text).prepare("pytest")
    assert set(made.packages) == {"alpha", "beta", "pytest", "x"}
    assert "without gamma, no-such-thing: not to be had together with the rest" in made.how


def test_only_what_can_not_be_had_is_left_out(world: World) -> None:
    text = '[project]\nname="x"\n[dependency-groups]\ndev=["alpha", "no-such-thing", "beta", "gamma"]\n'
    made = world.write(pyproject_DOT_toml=text).prepare()
    assert set(made.packages) == {"alpha", "beta", "x"}
    assert "without no-such-thing, gamma" in made.how


def test_a_release_of_the_project_itself_gives_way(world: World) -> None:
    text = '[project]\nname="alpha"\nversion="7"\ndependencies=["beta"]\n'
    made = world.write(pyproject_DOT_toml=text).prepare()
    assert made.packages == {"alpha": "7", "beta": "1.0"}
    assert run(made, "import importlib.util as u; print(u.find_spec('alpha'))") == "None"


def test_tools_that_conflict_stand_aside(world: World) -> None:
    text = '[project]\nname="x"\ndependencies=["beta"]\n'
    made = world.write(pyproject_DOT_toml=text).prepare("pytest", "black==23.1", "mypy", "isort==9")
    assert made.packages["alpha"] == "1.0"
    assert made.packages["black"] == "23.1"
    assert "isort" not in made.packages
    assert "without isort==9" in made.how
    assert subprocess.check_output([made.folder / "bin" / "black"], text=True) == "black 23.1\n"
    assert subprocess.check_output([made.folder / "bin" / "mypy"], text=True) == "mypy 1.0\n"
    assert run(made, "import alpha; print(alpha.version)") == "1.0"


def test_a_lock_is_honoured_with_its_hashes(world: World, index: Path) -> None:
    good = sha256(index / "alpha-1.0-py3-none-any.whl")
    lock = '[[package]]\nname = "alpha"\nversion = "1.0"\nsource = { registry = "x" }\nwheels = [{ hash = "%s" }]\n'
    world.write(pyproject_DOT_toml='[project]\nname="x"\ndependencies=["alpha"]\n', uv_DOT_lock=lock % good)
    assert world.prepare().packages["alpha"] == "1.0"
    world.write(uv_DOT_lock=lock % f"sha256:{'0' * 64}")
    with pytest.raises(Declined, match="Hash mismatch"):
        world.prepare()


def test_a_lock_that_does_not_fit_is_said_and_left(world: World) -> None:
    lock = '[[package]]\nname = "alpha"\nversion = "1.0"\nsource = { registry = "x" }\n'
    world.write(pyproject_DOT_toml='[project]\nname="x"\ndependencies=["alpha>1"]\n', uv_DOT_lock=lock)
    made = world.prepare()
    assert made.packages["alpha"] == "2.0"
    assert "the lock file does not fit" in made.how


def venv(folder: Path, *requirements: str, environ: dict[str, str]) -> None:
    import uv

    settings = environments_index.uv_environment(environ, folder.parent / "uv")
    subprocess.run([uv.find_uv_bin(), "venv", "-q", "--python", sys.executable, folder], check=True, env=settings)
    if requirements:
        command = [
            uv.find_uv_bin(),
            "pip",
            "install",
            "-q",
            "--no-index",
            "--python",
            folder / "bin" / "python",
            *requirements,
        ]
        subprocess.run(command, check=True, env=settings)


def test_the_checkouts_own_environment_comes_first(world: World, tmp_path: Path) -> None:
    original = tmp_path / "checkout"
    original.mkdir()
    venv(original / ".venv", "beta", "pytest", environ=world.environ)
    world.write(pyproject_DOT_toml=PYPROJECT)
    found = world.prepare("pytest>=8", original=original)
    assert (found.folder, found.how) == (original / ".venv", ".venv of the checkout")
    assert found.packages == {"alpha": "1.0", "beta": "1.0", "pytest": "8.0"}
    assert world.prepare("pytest>=9; python_version < '3'", original=original).folder == original / ".venv"
    assert world.prepare("black", original=original).how.startswith("made with uv")
    (world.tree / ".venv").mkdir()
    assert world.prepare("pytest>=8", original=original).how.startswith("made with uv")


def test_the_active_environment_comes_second(world: World, tmp_path: Path) -> None:
    venv(tmp_path / "active", environ=world.environ)
    world.environ["VIRTUAL_ENV"] = str(tmp_path / "active")
    assert world.prepare().folder == tmp_path / "active"
    world.environ["VIRTUAL_ENV"] = sys.prefix
    assert world.prepare().how.startswith("made with uv")


def test_an_interpreter_that_lies_in_the_checkout_is_not_run(world: World, tmp_path: Path) -> None:
    original = tmp_path / "checkout"
    (original / ".venv" / "bin").mkdir(parents=True)
    (original / ".venv" / "pyvenv.cfg").write_text("home = x\nnonsense\n")
    python = original / ".venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\necho 3.11.0\n")
    python.chmod(0o755)
    assert world.prepare(original=original).how.startswith("made with uv")
    assert not (tmp_path / "ran").exists()
    (original / ".venv" / "pyvenv.cfg").unlink()
    python.unlink()
    python.symlink_to(sys.executable)
    assert world.prepare(original=original).how.startswith("made with uv")


def test_an_environment_whose_interpreter_does_not_run_is_passed_over(world: World, tmp_path: Path) -> None:
    original = tmp_path / "checkout"
    (original / "venv" / "bin").mkdir(parents=True)
    (original / "venv" / "pyvenv.cfg").write_text("home = x\n")
    (original / "venv" / "bin" / "python").symlink_to("/bin/false")
    assert world.prepare(original=original).how.startswith("made with uv")


def test_the_python_a_project_asks_for(world: World) -> None:
    world.write(pyproject_DOT_toml='[project]\nname="x"\nrequires-python=">=3.99"\n')
    with pytest.raises(Declined, match=r"no Python >=3\.99 on this machine"):
        world.prepare()
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    world.write(pyproject_DOT_toml='[project]\nname="x"\nrequires-python="nonsense"\n', _DOT_python_version="3.0")
    assert world.prepare().python.startswith(here)
    assert environments_python.choose(">=3.8", here, world.environ)[1].startswith(here)
    assert environments_python.version_of("/nowhere/python") == ""


def test_a_project_without_metadata_has_an_empty_environment(world: World) -> None:
    assert world.prepare().packages == {}


def test_an_unreachable_index_may_be_tried_again(world: World) -> None:
    world.environ = {
        "PATH": os.environ["PATH"],
        "HOME": world.environ["HOME"],
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/",
    }
    world.environ["UV_HTTP_RETRIES"] = "0"
    with pytest.raises(Transient, match="can't be reached"):
        world.write(requirements_DOT_txt="alpha").prepare()


def test_without_an_index_our_own_packages_serve(world: World) -> None:
    world.environ = {
        "PATH": os.environ["PATH"],
        "HOME": world.environ["HOME"],
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/",
    }
    world.environ["UV_HTTP_RETRIES"] = "0"
    made = world.write(requirements_DOT_txt="rich\nfoo; python_version < '3'\n").prepare(
        "pytest>=8", "black", "coverage"
    )
    assert {"pytest", "pluggy", "rich", "coverage"} <= set(made.packages)
    assert "black" not in made.packages
    assert "filled from this program's own packages, without black" in made.how
    assert run(made, "import pytest, rich, coverage; print('works')") == "works"
    marker = made.folder / "marker"
    marker.touch()
    world.prepare("pytest>=8", "black", "coverage")
    assert marker.exists()
    os.utime(made.folder / "pyvenv.cfg", (0, 0))
    world.prepare("pytest>=8", "black", "coverage")
    assert not marker.exists()
    world.write(requirements_DOT_txt="pytest<1\n")
    with pytest.raises(Transient):
        world.prepare()
    assert environments_own.carried(("pytest @ https://files.pythonhosted.org/p.whl",)) is None
    assert environments_own.carried(("not a requirement",)) is None


def test_uv_that_hangs_or_is_missing(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "uv"
    slow.write_text("#!/bin/sh\nsleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setattr("uv.find_uv_bin", lambda: str(slow))
    monkeypatch.setattr(environments_uv, "TIMEOUT", 0.2)
    with pytest.raises(Transient, match="took more than"):
        world.prepare()
    slow.unlink()
    with pytest.raises(Misconfigured, match="uv is missing"):
        world.prepare()


def test_only_package_indexes_can_be_reached() -> None:
    assert "pypi.org" in environments_index.hosts({})
    assert "*.amazonaws.com" not in environments_index.hosts({})
    named = environments_index.hosts(
        {"UV_INDEX": "own=https://u:p@pkgs.example/simple", "UV_FIND_LINKS": "/x,http://h:8/"}
    )
    assert named[:2] == ("pkgs.example", "h")
    assert "*.amazonaws.com" in named


def test_a_proxy_of_the_users_own_stays_in_charge(world: World) -> None:
    world.environ = {**world.environ, "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "x"}
    assert world.write(requirements_DOT_txt="alpha").prepare().packages == {"alpha": "2.0"}


def test_pips_settings_are_handed_to_uv(tmp_path: Path) -> None:
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://a/simple\nextra-index-url =\n  https://b/simple\n  https://c/simple\n"
        "[install]\nfind-links = /x /y\ntimeout = 3\n"
    )
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text("not an ini file")
    environ = {"HOME": str(tmp_path), "PIP_INDEX_URL": "https://mine/simple", "PIP_NO_INDEX": "false", "SECRET": "x"}
    found = environments_index.pip_settings(environ)
    assert found["UV_DEFAULT_INDEX"] == "https://mine/simple"
    assert found["UV_INDEX"] == "https://b/simple https://c/simple"
    assert found["UV_FIND_LINKS"] == "/x,/y"
    assert environments_index.uv_options(environ) == ()
    settings = environments_index.uv_environment(environ | {"UV_INDEX": "https://u", "UV_PYTHON": "3.8"}, tmp_path)
    assert settings["UV_INDEX"] == "https://u"
    assert not {"SECRET", "UV_PYTHON"} & set(settings)
    (tmp_path / "own.conf").write_text("[global]\nno-index = true\n")
    own = {"HOME": "/x", "PIP_CONFIG_FILE": str(tmp_path / "own.conf")}
    assert environments_index.uv_options(own) == ("--no-index",)
    assert "UV_DEFAULT_INDEX" not in environments_index.pip_settings(
        {"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}
    )
