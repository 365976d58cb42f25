"""Requirements and builds in repositories shaped as people keep them: groups, extras, constraints, poetry, flit."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import TOTAL, Case, job, src

SETUP = '\n[build-system]\nrequires = ["setuptools>=64"]\nbuild-backend = "setuptools.build_meta"\n'
TESTED = "from {0}.core import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
YAML = "import yaml\n\n\ndef total(values):\n    return sum(yaml.safe_load(str(values)))\n"
POETRY = (
    '[tool.poetry]\nname = "{0}"\nversion = "1.0.0"\ndescription = "Sums."\nauthors = ["A. Person <a@example.org>"]\n'
    'packages = [{{ include = "{0}", from = "src" }}]\n\n[tool.poetry.dependencies]\npython = "^3.10"\n{1}\n'
    '[tool.poetry.group.dev.dependencies]\npytest = "^8.0"\n\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
)


def _without_project(files: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path != "pyproject.toml"} | more


def shaped_missing() -> Iterator[Case]:
    """Imports that nothing declares, where the declaration belongs in one of several places."""
    installs = job("pip install -r requirements/dev.txt", "python -m pytest")
    files = _without_project(src("alder", YAML, TESTED.format("alder")), {
        "requirements/base.txt": "idna>=3\n", "requirements/dev.txt": "-r base.txt\npytest\n",
        "pytest.ini": "[pytest]\npythonpath = src\n", ".github/workflows/ci.yml": installs,
    })  # fmt: skip
    yield Case(
        "alder", "missing-dependency", files, {"requirements/base.txt": "pyyaml"}, {"requirements/dev.txt": "yaml"}
    )

    test = "import inflection\n\nfrom birch.core import total\n\n\ndef test_total():\n    assert total([1]) == 1\n    assert inflection.pluralize('a') == 'as'\n"
    files = src(
        "birch",
        TOTAL,
        test,
        settings='\n[dependency-groups]\ntest = ["pytest>=8"]\ndev = [{ include-group = "test" }, "ruff"]\n',
    )
    files[".github/workflows/ci.yml"] = job("uv sync --group test", "uv run pytest")
    yield Case(
        "birch",
        "missing-dependency",
        files,
        {"pyproject.toml": "inflection"},
        {"pyproject.toml": 'dependencies = ["inflection'},
    )

    files = src("cedar", TOTAL, "import freezegun\n\n" + TESTED.format("cedar") + "    assert freezegun.__name__\n")
    files["pyproject.toml"] = POETRY.format("cedar", "")
    yield Case("cedar", "missing-dependency", files, {"pyproject.toml": "dev.dependencies]\nfreezegun ="})

    files = src(
        "dogwood",
        TOTAL,
        "import toolz\n\n" + TESTED.format("dogwood") + "    assert toolz.first([1]) == 1\n",
        settings='\n[project.optional-dependencies]\ntest = ["pytest"]\n',
    )
    files[".github/workflows/ci.yml"] = job('pip install -e ".[test]"', "pytest")
    yield Case("dogwood", "missing-dependency", files, {"pyproject.toml": 'test = ["pytest", "toolz'})

    cfg = "[metadata]\nname = elm\nversion = 1.0\n\n[options]\npackage_dir =\n    = src\npackages = find:\npython_requires = >=3.10\n\n[options.packages.find]\nwhere = src\n\n[options.extras_require]\ntest =\n    pytest\n"
    code = "def total(values):\n    import humanize\n\n    return sum(values) + 0 * len(humanize.intcomma(1000))\n"
    files = _without_project(
        src("elm", code, TESTED.format("elm")),
        {"setup.cfg": cfg, "setup.py": "import setuptools\n\nsetuptools.setup()\n"},
    )
    yield Case("elm", "missing-dependency", files, {"setup.cfg": "install_requires =\n    humanize"})

    setup = "import os\n\nfrom setuptools import find_packages, setup\n\nREQUIRED = [\n    'idna',\n    'certifi>=2020',\n]\n\nsetup(\n    name='fir',\n    version='1.0',\n    package_dir={'': 'src'},\n    packages=find_packages('src'),\n    install_requires=REQUIRED,\n    extras_require={'test': ['pytest']},\n)\n"
    files = _without_project(src("fir", YAML, TESTED.format("fir")), {"setup.py": setup})
    yield Case("fir", "missing-dependency", files, {"setup.py": "'certifi>=2020',\n    'pyyaml'"})

    code = (
        "from hazel._compat import text_type\n\n\ndef total(values):\n    return sum(values) + 0 * len(text_type(1))\n"
    )
    files = src("hazel", code, TESTED.format("hazel")) | {
        "src/hazel/utils/__init__.py": "",
        "src/hazel/utils/compat.py": "text_type = str\n",
    }
    yield Case("hazel", "missing-dependency", files, lacks={"src/hazel/core.py": "_compat import"})

    test = "import requests_mock\n\n" + TESTED.format("larch") + "    assert requests_mock.Mocker\n"
    files = src(
        "larch",
        "import requests\n\n\n" + TOTAL.replace("sum(values)", "sum(values) + 0 * len(requests.__name__)"),
        test,
        needs='"requests"',
    )
    files["tox.ini"] = "[tox]\nenvlist = py311\n\n[testenv]\ndeps =\n    pytest\ncommands =\n    pytest {posargs}\n"
    yield Case("larch", "missing-dependency", files, {"tox.ini": "requests-mock"})

    files = src(
        "maple",
        TOTAL,
        TESTED.format("maple"),
        settings='\n[tool.pytest.ini_options]\naddopts = "--cov=maple --cov-report=term"\n\n[dependency-groups]\ndev = ["pytest"]\n',
    )
    yield Case("maple", "missing-dependency", files, {"pyproject.toml": '"pytest-cov'})


def shaped_conflict() -> Iterator[Case]:
    """Requirements that can't be met together, in constraints, groups, extras and poetry's table."""
    code = "import idna\n\n\ndef total(values):\n    return sum(values) + 0 * len(idna.__name__)\n"
    files = _without_project(src("alder", code, TESTED.format("alder")), {
        "requirements.txt": "-c constraints.txt\nrequests==2.32.3\nidna\n", "constraints.txt": "idna==2.0\ncertifi>=2020\n",
        "pytest.ini": "[pytest]\npythonpath = src\n", ".github/workflows/ci.yml": job("pip install -r requirements.txt pytest", "pytest"),
    })  # fmt: skip
    yield Case("alder", "conflict", files, lacks={"constraints.txt": "idna==2.0"})

    files = src("birch", code, TESTED.format("birch")) | {"pyproject.toml": POETRY.format("birch", 'idna = "^99.1"\n')}
    yield Case("birch", "conflict", files, {"pyproject.toml": "idna ="}, {"pyproject.toml": "^99.1"})

    cfg = "[metadata]\nname = cedar\nversion = 1.0\n\n[options]\npackage_dir =\n    = src\npackages = find:\ninstall_requires =\n    jinja2>=3.1\n    markupsafe==1.0\n    idna\n\n[options.packages.find]\nwhere = src\n"
    files = _without_project(
        src("cedar", code, TESTED.format("cedar")),
        {"setup.cfg": cfg, "setup.py": "import setuptools\n\nsetuptools.setup()\n"},
    )
    yield Case("cedar", "conflict", files, {"setup.cfg": "jinja2>=3.1"}, {"setup.cfg": "markupsafe==1.0\n"})

    files = _without_project(src("dogwood", code.replace("idna", "flask"), TESTED.format("dogwood")), {
        "requirements/base.txt": "flask==3.0.3\n", "requirements/dev.txt": "-r base.txt\nclick==7.0\npytest\n",
        "pytest.ini": "[pytest]\npythonpath = src\n", ".github/workflows/ci.yml": job("pip install -r requirements/dev.txt", "pytest"),
    })  # fmt: skip
    yield Case(
        "dogwood", "conflict", files, {"requirements/base.txt": "flask==3.0.3"}, {"requirements/dev.txt": "click==7.0"}
    )

    files = src(
        "elm", TOTAL, TESTED.format("elm"), settings='\n[dependency-groups]\ntest = ["pytest>=99", "pytest-mock"]\n'
    )
    files[".github/workflows/ci.yml"] = job("uv sync --group test", "uv run pytest")
    yield Case("elm", "conflict", files, lacks={"pyproject.toml": ">=99"})

    files = src(
        "fir",
        code,
        TESTED.format("fir"),
        needs='"idna"',
        settings='\n[project.optional-dependencies]\ntest = ["pytest", "toolz==0.99"]\n',
    )
    files[".github/workflows/ci.yml"] = job('pip install ".[test]"', "pytest")
    log = '2026-03-01T10:00:01.0000000Z ##[group]Run pip install ".[test]"\n2026-03-01T10:00:02.0000000Z Processing /home/runner/work/fir/fir\n2026-03-01T10:00:02.0000000Z Collecting idna\n2026-03-01T10:00:03.0000000Z ERROR: Could not find a version that satisfies the requirement toolz==0.99; extra == "test" (from fir[test]) (from versions: 0.9.0, 0.10.0, 0.11.0, 0.11.1, 0.11.2, 0.12.0, 0.12.1, 1.0.0)\n2026-03-01T10:00:03.0000000Z ERROR: No matching distribution found for toolz==0.99; extra == "test"\n2026-03-01T10:00:03.0000000Z ##[error]Process completed with exit code 1.\n'
    yield Case("fir", "conflict", files, lacks={"pyproject.toml": "==0.99"}, log=log)


def _built(name: str, settings: str = SETUP, **more: str) -> dict[str, str]:
    files = src(name, TOTAL, TESTED.format(name))
    files["pyproject.toml"] = files["pyproject.toml"].replace(SETUP, settings)
    return (
        files
        | {".github/workflows/ci.yml": job("pip install .", "pytest")}
        | {k.replace("__", "/"): v for k, v in more.items()}
    )


def _changed(files: dict[str, str], old: str, new: str) -> dict[str, str]:
    return files | {"pyproject.toml": files["pyproject.toml"].replace(old, new)}


def shaped_packages() -> Iterator[Case]:
    """Builds that end early: readme, version, licence, classifiers, discovery, data and tables of the backends."""
    hatch = '\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    files = _changed(_built("alder", hatch), "dependencies", 'readme = "README.rst"\ndependencies')
    yield Case("alder", "packaging", files, {"pyproject.toml": 'readme = "README.md"'})
    files = _changed(_built("birch"), 'version = "1.0"\n', "")
    files["src/birch/__init__.py"] += '\n__version__ = "1.0"\n'
    yield Case("birch", "packaging", files, {"pyproject.toml": "version"})
    files = _changed(_built("cedar"), "dependencies", 'license = "MIT License"\ndependencies') | {
        "LICENSE": "MIT License\n"
    }
    yield Case("cedar", "packaging", files, {"pyproject.toml": "MIT"}, {"pyproject.toml": '"MIT License"'})
    files = _changed(
        _built("dogwood", hatch),
        "dependencies",
        'classifiers = ["Programming Language :: Pyton :: 3", "Operating System :: OS Independent"]\ndependencies',
    )
    yield Case(
        "dogwood",
        "packaging",
        files,
        {"pyproject.toml": "Programming Language :: Python :: 3"},
        {"pyproject.toml": "Pyton"},
    )
    files = {k.replace("src/elm/", "elm_core/"): v for k, v in _changed(_built("elm", hatch), "", "").items()}
    files["tests/test_core.py"] = files["tests/test_core.py"].replace("elm.core", "elm_core.core")
    yield Case(
        "elm", "packaging", files, {"pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["elm_core"]'}
    )
    files = {k.removeprefix("src/") if "fir" in k else k: v for k, v in _built("fir").items()} | {
        "fir_plugins/__init__.py": "",
        "deploy/run.py": "",
    }
    yield Case("fir", "packaging", files, {"pyproject.toml": '"fir'}, {"pyproject.toml": "deploy"})
    files = _changed(_built("hazel", hatch), 'version = "1.0"\n', 'dynamic = ["version"]\n')
    files["pyproject.toml"] += '\n[tool.hatch.version]\npath = "src/hazel/__about__.py"\n'
    files["src/hazel/__init__.py"] += '\n__version__ = "1.0"\n'
    yield Case("hazel", "packaging", files, {"pyproject.toml": 'path = "src/hazel/__init__.py"'})
    files = _changed(_built("larch"), "dependencies", 'authors = "A. Person <a@example.org>"\ndependencies')
    yield Case("larch", "packaging", files, {"pyproject.toml": "{"}, {"pyproject.toml": 'authors = "A.'})
    files = _changed(
        _built("maple"),
        "dependencies",
        'license = "MIT"\nclassifiers = [\n    "License :: OSI Approved :: MIT License",\n    "Programming Language :: Python :: 3",\n]\ndependencies',
    )
    yield Case("maple", "packaging", files, {"pyproject.toml": 'license = "MIT"'}, {"pyproject.toml": "License ::"})
    files = _changed(_built("oak"), 'requires-python = ">=3.10"', 'requires-python = "3.10+"')
    yield Case("oak", "packaging", files, {"pyproject.toml": 'requires-python = ">=3.10"'})
    files = _without_project(
        _built("pine"),
        {
            "setup.py": "from setuptools import setup\n\nsetup(\n    name='pine',\n    version='1.0',\n    package_dir={'': 'src'},\n    packages=['pine', 'pine.util'],\n)\n",
            "src/pine/utils/__init__.py": "",
        },
    )
    yield Case("pine", "packaging", files, {"setup.py": "'pine.utils'"})
    files = _changed(_built("rowan"), "dependencies = []", 'keywords = "sums, totals"\ndependencies = []')
    yield Case("rowan", "packaging", files, {"pyproject.toml": '["sums", "totals"]'})
    files = _without_project(
        _built("spruce"),
        {
            "setup.py": "from setuptools import find_packages, setup\n\nsetup(\n    name='spruce',\n    version='1.0',\n    package_dir={'': 'src'},\n    packages=find_packages('src'),\n    long_description=open('README.rst').read(),\n)\n"
        },
    )
    yield Case("spruce", "packaging", files, {"setup.py": "open('README.md')"})
