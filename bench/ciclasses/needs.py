"""What a project asks to be installed: not declared, not to be had, and how it is built."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import NAMES, TOTAL, Case, plain, project

# module, distribution, an expression, what it gives
USED = (
    ("inflection", "inflection", "inflection.pluralize('box')", "boxes"),
    ("yaml", "yaml", "yaml.safe_load('box')", "box"),
    ("toolz", "toolz", "toolz.first(['box'])", "box"),
    ("attr", "attrs", "attr.__name__", "attr"),
    ("dateutil.parser", "dateutil", "dateutil.parser.parse('2020-01-02').year", 2020),
    ("bs4", "beautifulsoup4", "bs4.BeautifulSoup('<p>a</p>', 'html.parser').text", "a"),
    ("dotenv", "dotenv", "dotenv.__name__", "dotenv"),
    ("jwt", "jwt", "jwt.__name__", "jwt"),
    ("slugify", "slugify", "slugify.slugify('A b')", "a-b"),
    ("markdown", "markdown", "markdown.markdown('a')", "<p>a</p>"),
    ("more_itertools", "more-itertools", "more_itertools.first(['box'])", "box"),
    ("tabulate", "tabulate", "tabulate.__name__", "tabulate"),
    ("pkg_resources", "setuptools", "pkg_resources.__name__", "pkg_resources"),
    ("click", "click", "click.__name__", "click"),
)


def _declared(name: str, files: dict[str, str], form: int) -> tuple[dict[str, str], str]:
    """Return the files with the dependencies declared in another place, and that place."""
    head = {k: v for k, v in files.items() if k != "pyproject.toml"}
    if form == 1:
        return head | {"requirements.txt": "# what it runs on\nidna\n"}, "requirements.txt"
    if form == 2:
        text = (
            f"[metadata]\nname = {name}\nversion = 1.0\n\n[options]\npackages = {name}\ninstall_requires =\n    idna\n"
        )
        return head | {"setup.cfg": text, "setup.py": "from setuptools import setup\n\nsetup()\n"}, "setup.cfg"
    if form == 3:
        text = f"from setuptools import setup\n\nsetup(\n    name='{name}',\n    version='1.0',\n    packages=['{name}'],\n    install_requires=['idna'],\n)\n"
        return head | {"setup.py": text}, "setup.py"
    if form == 4:
        text = f'[tool.poetry]\nname = "{name}"\nversion = "1.0"\ndescription = ""\nauthors = []\n\n[tool.poetry.dependencies]\npython = "^3.9"\nidna = "*"\n\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
        return head | {"pyproject.toml": text}, "pyproject.toml"
    return files, "pyproject.toml"


def missing() -> Iterator[Case]:
    """Imports of distributions that nothing declares, and modules of the project under their old name."""
    for number, (name, (module, distribution, call, result)) in enumerate(zip(NAMES, USED, strict=False)):
        code = f"import {module}\n\n\ndef named():\n    return {call}\n"
        files, place = _declared(name, project(name, code, plain(name, "named", "named()", repr(result))), number % 5)
        yield Case(name, "missing-dependency", files, {place: distribution})
    for name, old, new in (("quarry", "helpers", "helper"), ("thistle", "utils", "tools")):
        code = f"from {name}.{old} import double\n\n\ndef total(values):\n    return double(sum(values)) // 2\n"
        files = project(name, code, plain(name))
        files[f"{name}/{new}.py"] = '"""Small things."""\n\n\ndef double(value):\n    return value * 2\n'
        yield Case(name, "missing-dependency", files, lacks={f"{name}/core.py": f".{old} "})
    name = "pebble"
    test = "def test_total(mocker):\n    mocker.patch('pebble.core.total', return_value=3)\n    import pebble.core\n\n    assert pebble.core.total([]) == 3\n"
    yield Case(name, "missing-dependency", project(name, TOTAL, test), {"pyproject.toml": "pytest-mock"})


PINS = (
    '"inflection==99.0"', '"inflection>=99"', '"inflection==0.5.99"', '"inflection>0.5.1,<0.5.2"',
    '"jinja2==3.1.4", "markupsafe<2"', '"requests==2.31.0", "urllib3==3.0.0"', '"inflexion"',
    '"requests==2.32.3", "idna<2.5"', '"inflection~=7.0"', '"inflection===0.5.1.post9"',
)  # fmt: skip


def conflict() -> Iterator[Case]:
    """Pins that no version meets, alone or together with what others ask for."""
    for number, name in enumerate(NAMES[:14]):
        pin = PINS[number % len(PINS)]
        first = pin.split(",")[0].strip('"').partition("=")[0].rstrip("<>~=!")
        module = "inflection" if "infl" in first else first
        expression = "inflection.pluralize('box')" if module == "inflection" else f"{module}.__name__"
        result = "'boxes'" if module == "inflection" else repr(module)
        code = f"import {module}\n\n\ndef named():\n    return {expression}\n"
        files = project(name, code, plain(name, "named", "named()", result), needs=pin)
        place, gone = "pyproject.toml", pin
        if number % 3 == 2:
            place = "requirements.txt"
            gone = "".join(f"{part.strip().strip(chr(34))}\n" for part in pin.split('", "'))
            files = {k: v for k, v in files.items() if k != "pyproject.toml"} | {place: gone}
        yield Case(name, "conflict", files, lacks={place: gone})


def _build(requires: str, backend: str = "setuptools.build_meta", more: str = "") -> str:
    return f'\n[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n{more}'


def packages() -> Iterator[Case]:
    """Builds that end before they began: backends, versions, keys, files and packages that aren't there."""
    wrong = (
        (_build('"setuptol"'), '"setuptol"'),
        (_build('"setuptools>=9999"'), ">=9999"),
        (_build('"setuptools"', "setuptools.build_mata"), "build_mata"),
        (_build('"wheel"'), 'requires = ["wheel"]'),
        (_build('"setuptools"', "hatchling.build"), '["setuptools"]\nbuild-backend = "hatchling'),
        (_build("", "flit_core.buildapi"), "requires = []"),
        (_build('"poetry"', "poetry.core.masonry.apis"), "masonry.apis"),
        (_build('"hatchling"', "hatchling.biuld"), "biuld"),
    )
    for name, (build, gone) in zip(NAMES, wrong, strict=False):
        files = project(name, TOTAL, plain(name), settings=build)
        files[".github/workflows/ci.yml"] = (
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
            "      - run: pip install .\n      - run: pytest\n"
        )
        yield Case(name, "packaging", files, lacks={"pyproject.toml": gone})
    keys = (
        ("dependencies = []\n", "dependancies = []\n", "dependancies"),
        ("dependencies = []\n", 'dependencies = ["idna >= 2,, < 9"]\n', ",,"),
        ('version = "1.0"\n', 'version = "1.0"\nauthor = "A. Person"\n', "author ="),
    )
    for name, (old, new, gone) in zip(NAMES[9:], keys, strict=False):
        files = project(name, TOTAL, plain(name), settings=_build('"setuptools>=64"'))
        files["pyproject.toml"] = files["pyproject.toml"].replace(old, new)
        files["README.md"] = f"# {name}\n"
        yield Case(name, "packaging", files, lacks={"pyproject.toml": gone})
    name = NAMES[12]
    files = project(name, TOTAL, plain(name), settings=_build('"setuptools>=64"'))
    files["assets/logo.txt"] = "o\n"
    files["scripts/run.py"] = "print('run')\n"
    yield Case(name, "packaging", files | {"data/__init__.py": "", "assets/__init__.py": ""},
               {"pyproject.toml": f'"{name}'})  # fmt: skip
