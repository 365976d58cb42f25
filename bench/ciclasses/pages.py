"""Workflows that the runner refuses, told by its log; documentation whose build or examples fail."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import NAMES, TOTAL, Case, plain, project

STEPS = "name: tests\non: [push]\njobs:\n  test:\n    runs-on: {image}\n    steps:\n{steps}"
USE = "      - uses: {0}\n"
PYTHON = "      - uses: actions/setup-python@v5\n        with:\n          python-version: {0}\n"
OUT = '      - id: a\n        run: echo "::set-output name=kind::wide"\n'
# runner image, steps, log, a text that must be there, one that must not
REFUSED = (
    ("ubuntu-latest", USE.format("actions/upload-artifact@v3"),
     "##[error]This request has been automatically failed because it uses a deprecated version of `actions/upload-artifact: v3`. "
     "Learn more: https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/",
     "upload-artifact@v4", "@v3"),
    ("ubuntu-latest", USE.format("actions/cache@v2"),
     "##[error]This request has been automatically failed because it uses a deprecated version of `actions/cache: v2`. ", "cache@v4", "@v2"),
    ("ubuntu-latest", USE.format("actions/chekout@v4"),
     "##[error]Unable to resolve action actions/chekout, repository not found", "actions/checkout@v4", "chekout"),
    ("ubuntu-latest", USE.format("actions/checkout@v40"),
     "##[error]Unable to resolve action `actions/checkout@v40`, unable to find version `v40`", "actions/checkout@v4\n", "@v40"),
    ("ubuntu-latest", PYTHON.format("3.10"),
     "##[error]The version '3.1' with architecture 'x64' was not found for Ubuntu 24.04.", '"3.10"', "version: 3.10\n"),
    ("ubuntu-18.04", USE.format("actions/checkout@v4"),
     "##[error]This is a scheduled Ubuntu-18.04 brownout. The Ubuntu-18.04 environment is deprecated and will be removed", "ubuntu-22.04",
     "ubuntu-18.04"),
    ("ubuntu-latest", OUT, "##[error]The `set-output` command is disabled. Please upgrade to using Environment Files.", "GITHUB_OUTPUT",
     "::set-output"),
    ("ubuntu-latest", "      - run: echo \"::set-env name=KIND::wide\"\n",
     "##[error]The `set-env` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution "
     "by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`.", "GITHUB_ENV", "::set-env"),
    ("ubuntu-latest", "      - run: echo \"::add-path::$HOME/bin\"\n",
     "##[error]The `add-path` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution "
     "by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`.", "GITHUB_PATH", "::add-path"),
    ("ubuntu-latest", "      - usess: actions/checkout@v4\n",
     "##[error]Invalid workflow file: .github/workflows/ci.yml#L7\nThe workflow is not valid. .github/workflows/ci.yml (Line: 7, Col: 9): "
     "Unexpected value 'usess'", "- uses:", "usess"),
    ("ubuntu-20.04", USE.format("actions/checkout@v4"),
     "##[error]The Ubuntu 20.04 Actions runner image was retired on 2025-04-15. ubuntu-20.04", "ubuntu-22.04", "ubuntu-20.04"),
    ("ubuntu-latest", PYTHON.format("3.6"),
     "##[error]The version '3.6' with architecture 'x64' was not found for Ubuntu 24.04.", "", "version: 3.6\n"),
    ("ubuntu-latest", USE.format("actions/download-artifact@v2") + USE.format("actions/upload-artifact@v2"),
     "##[error]This request has been automatically failed because it uses a deprecated version of `actions/download-artifact: v2`. ",
     "upload-artifact@v4", "@v2"),
    ("ubuntu-latest", "      - run: echo \"::save-state name=kind::wide\"\n",
     "##[error]The `save-state` command is disabled. Please upgrade to using Environment Files.", "GITHUB_STATE", "::save-state"),
)  # fmt: skip


def workflows() -> Iterator[Case]:
    """Workflow files that GitHub no longer runs; only its log tells."""
    for name, (image, steps, said, wanted, gone) in zip(NAMES, REFUSED, strict=False):
        place = ".github/workflows/ci.yml"
        files = project(name, TOTAL, plain(name))
        files[place] = STEPS.format(image=image, steps=steps + "      - run: pytest\n")
        log = "\n".join(f"2026-03-01T10:00:0{n}.0000000Z {line}" for n, line in enumerate(said.split("\n"))) + "\n"
        yield Case(name, "workflow", files, {place: wanted}, {place: gone}, log)


INDEX = "{0}\n{1}\n\n.. toctree::\n\n   guide\n\n"
GUIDE = "Guide\n=====\n\n.. _start:\n\nStart\n-----\n\nText.\n"
# what the index page ends with, the guide page, a text that must be gone from one of them
SPHINX = (
    ("See :ref:`strat`.\n", GUIDE, ("docs/index.rst", "`strat`")),
    ("See :doc:`giude`.\n", GUIDE, ("docs/index.rst", "`giude`")),
    ("", GUIDE.replace("-----\n", "--\n"), ("docs/guide.rst", "Start\n--\n")),
    (".. nte::\n\n   Mind this.\n", GUIDE, ("docs/index.rst", "nte::")),
    (".. image:: lgo.png\n", GUIDE, ("docs/index.rst", "lgo.png")),
    ("See ``total`.\n", GUIDE, ("docs/index.rst", "``total`.")),
    ("* one\n* two\nmore\n", GUIDE, ("docs/index.rst", "* two\nmore")),
    ("See :rf:`start`.\n", GUIDE, ("docs/index.rst", ":rf:")),
)  # fmt: skip


def examples() -> Iterator[Case]:
    """Examples that are no longer true, references that lead nowhere, and pages that the builder refuses."""
    settings = '\n[tool.pytest.ini_options]\naddopts = "--doctest-modules"\n'
    shown = (
        ("    >>> from {0}.core import totl\n    >>> total([1, 2])\n    3\n", "import totl"),
        ("    >>> from {0}.core import total\n    >>> totl([1, 2])\n    3\n", "totl("),
        ("    >>> from {0}.cor import total\n    >>> total([1, 2])\n    3\n", ".cor import"),
        ("    >>> import {0}.core\n    >>> {0}.core.totall([1, 2])\n    3\n", "totall"),
    )
    for name, (example, gone) in zip(NAMES, shown, strict=False):
        code = f'def total(values):\n    """Return the sum.\n\n{example.format(name)}    """\n    return sum(values)\n'
        yield Case(name, "docs", project(name, code, plain(name), settings=settings), lacks={f"{name}/core.py": gone})
    for name, (text, guide, (place, gone)) in zip(NAMES[4:], SPHINX, strict=False):
        files = project(name, TOTAL, plain(name))
        files |= {
            "docs/conf.py": f'project = "{name}"\nextensions = []\n',
            "docs/index.rst": INDEX.format(name, "=" * len(name)) + text,
            "docs/guide.rst": guide,
            "docs/logo.png": "\n",
            "docs/requirements.txt": "sphinx\n",
            "Makefile": "docs:\n\tsphinx-build -W -b html docs docs/_build\n",
            ".github/workflows/docs.yml": "on: push\njobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: actions/checkout@v4\n      - run: pip install sphinx\n"
            "      - run: sphinx-build -W -b html docs docs/_build\n",
        }
        yield Case(name, "docs", files, lacks={place: gone})
    for name, (line, gone) in zip(
        NAMES[12:], (("[Guide](giude.md)", "giude"), ("[Top](missing/top.md)", "missing/top")), strict=False
    ):
        files = project(name, TOTAL, plain(name)) | {
            "mkdocs.yml": f"site_name: {name}\nnav:\n  - index.md\n  - guide.md\n",
            "docs/index.md": f"# {name}\n\n{line}\n", "docs/guide.md": "# Guide\n\nText.\n", "docs/top.md": "# Top\n",
            ".github/workflows/docs.yml": "on: push\njobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - run: pip install mkdocs\n      - run: mkdocs build --strict\n",
        }  # fmt: skip
        yield Case(name, "docs", files, lacks={"docs/index.md": gone})
