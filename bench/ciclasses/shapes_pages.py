"""Workflows and documentation in repositories shaped as people keep them: matrices, reusable jobs, autodoc, mkdocs."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import TOTAL, Case, job, src

TESTED = "from {0}.core import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
HEAD = "name: ci\n\non:\n  push:\n    branches: [main]\n  pull_request:\n\n"
PLACE = ".github/workflows/ci.yml"
BAD = "Invalid workflow file: .github/workflows/ci.yml#L{0}\nThe workflow is not valid. .github/workflows/ci.yml (Line: {0}, Col: {1}): {2}"
# name, the workflow, what the runner says, a text that must stand there, one that must not
RUNNERS = (
    ("alder", HEAD + "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-20.04, macos-latest]\n        python: [\"3.9\", \"3.11\"]\n    runs-on: ${{ matrix.os }}\n    steps:\n      - uses: actions/checkout@v4\n      - run: pytest\n",
     "##[error]This is a scheduled Ubuntu 20.04 retirement. Ubuntu 20.04 LTS runner will be removed on 2025-04-15. For more details, see https://github.com/actions/runner-images/issues/11101", "[ubuntu-22.04, macos-latest]", "ubuntu-20.04"),
    ("birch", HEAD + "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: pytest\n",
     "##[error]" + BAD.format(9, 5, "Required property is missing: runs-on"), "  test:\n    runs-on: ubuntu-latest\n    steps:", ""),
    ("cedar", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n\t  - run: pytest\n",
     "##[error]Invalid workflow file: .github/workflows/ci.yml#L13\nYou have an error in your yaml syntax on line 13", "      - run: pytest", "\t"),
    ("dogwood", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n     - run: pytest\n",
     "##[error]Invalid workflow file: .github/workflows/ci.yml#L13\nYou have an error in your yaml syntax on line 13", "      - uses: actions/checkout@v4\n      - run: pytest", ""),
    ("elm", HEAD.replace("pull_request:", "pull_requests:") + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n",
     "##[error]" + BAD.format(6, 3, "Unexpected value 'pull_requests'"), "  pull_request:\n", "pull_requests"),
    ("fir", HEAD + "jobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ruff check .\n  test:\n    needs: [lnt]\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n",
     "##[error]" + BAD.format(14, 13, "Job 'test' depends on unknown job 'lnt'."), "needs: [lint]", "lnt"),
    ("hazel", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        python: [\"3.11\"]\n    steps:\n      - uses: actions/setup-python@v5\n        with:\n          python-version: ${{ matirx.python }}\n",
     "##[error]" + BAD.format(17, 27, "Unrecognized named-value: 'matirx'. Located at position 1 within expression: matirx.python"), "${{ matrix.python }}", "matirx"),
    ("larch", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v1\n      - uses: actions/setup-python@v1\n      - uses: actions/upload-artifact@v1\n        with:\n          name: dist\n          path: dist\n",
     "##[error]This request has been automatically failed because it uses a deprecated version of `actions/upload-artifact: v1`. Learn more: https://github.blog/changelog/2024-02-13-deprecation-notice-v1-and-v2-of-the-artifact-actions/", "upload-artifact@v4", "upload-artifact@v1"),
    ("maple", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-lastest\n    steps:\n      - run: pytest\n",
     "##[error]No runner matching the specified labels was found: ubuntu-lastest", "ubuntu-latest", "lastest"),
    ("oak", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    outputs:\n      version: ${{ steps.read.outputs.version }}\n    steps:\n      - id: read\n        run: |\n          version=$(cat VERSION)\n          echo \"::set-output name=version::$version\"\n          echo ::set-output name=kind::wide\n",
     "##[error]The `set-output` command is disabled. Please upgrade to using Environment Files. For more information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/", 'echo "version=$version" >> "$GITHUB_OUTPUT"', "::set-output"),
    ("pine", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Test\n        run: pytest\n        if: ${{ github.ref == 'refs/heads/main' }\n",
     "##[error]" + BAD.format(14, 13, "Unexpected symbol: '}'. Located at position 1 within expression"), "'refs/heads/main' }}", ""),
    ("rowan", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout\n      - run: pytest\n",
     "##[error]" + BAD.format(12, 15, "Expected format {org}/{repo}[/path]@ref. Actual 'actions/checkout'"), "actions/checkout@v4", ""),
    ("spruce", HEAD + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    stpes:\n      - uses: actions/checkout@v4\n      - run: pytest\n",
     "##[error]" + BAD.format(11, 5, "Unexpected value 'stpes'"), "    steps:\n", "stpes"),
)  # fmt: skip


def shaped_workflows() -> Iterator[Case]:
    """Workflow files with one mistake each, as the runner tells it."""
    for name, text, said, wanted, gone in RUNNERS:
        files = src(name, TOTAL, TESTED.format(name)) | {PLACE: text}
        log = "".join(f"2026-03-01T10:00:0{n}.0000000Z {line}\n" for n, line in enumerate(said.split("\n")))
        yield Case(name, "workflow", files, {PLACE: wanted} if wanted else {}, {PLACE: gone} if gone else {}, log)


CONF = 'import os\nimport sys\n\nsys.path.insert(0, os.path.abspath("../src"))\n\nproject = "{0}"\nextensions = [{1}]\n'
INDEX = "{0}\n{1}\n\n.. toctree::\n   :maxdepth: 2\n\n   usage\n   api\n"
USAGE = "Usage\n=====\n\n.. _calling-it:\n\nCalling it\n----------\n\nText.\n"
API = "API\n===\n\nText.\n"
# name, extensions, files of the documentation that differ, what sphinx-build is given, place, text wanted, text gone
PAGES = (
    ("alder", "", {"index": "See :ref:`caling-it`.\n"}, "-W --keep-going", "index", ":ref:`calling-it`", "caling-it"),
    ("birch", "", {"index+toc": "   faq\n"}, "-W", "index", "api\n", "   faq\n"),
    ("cedar", "", {"extra": "Extra\n=====\n\nMore.\n"}, "-W", "index", "   api\n   extra\n", ""),
    ("dogwood", '"sphinx.ext.autodoc"', {"api": "API\n===\n\n.. automodule:: dogwood.cor\n   :members:\n"}, "-W", "api", "dogwood.core\n", "dogwood.cor\n"),
    ("elm", '"sphinx.ext.autodoc"', {"api": "API\n===\n\n.. autofunction:: elm.core.totals\n"}, "-W", "api", "elm.core.total\n", "totals"),
    ("fir", '"sphinx.ext.autodoc"', {"usage": USAGE + "\nSee :func:`fir.core.totall`.\n", "api": "API\n===\n\n.. automodule:: fir.core\n   :members:\n   :undoc-members:\n"}, "-W -n", "usage", ":func:`fir.core.total`", "totall"),
    ("hazel", "", {"usage": USAGE + "\n.. _calling-it:\n\nAgain\n-----\n\nText.\n"}, "-W", "usage", ".. _again:", ""),
    ("larch", "", {"usage": USAGE + "\n.. code-blok:: python\n\n   total([1])\n"}, "-W", "usage", "code-block", "code-blok"),
    ("maple", "", {"usage": USAGE.replace("----------", "-----") + "\nMore on it\n---\n\nText.\n"}, "-W", "usage", "Calling it\n----------\n", ""),
    ("oak", '"sphinx.ext.autodoc"', {"api": "API\n===\n\n.. automodule:: oak.core\n   :members:\n"}, "-W", "core", "", "* add\n    and"),
    ("pine", '"myst_parser"', {"usage.md": "# Usage\n\nSee [the index](indx.rst).\n"}, "-W", "usage.md", "(index.rst)", "indx.rst"),
)  # fmt: skip


def shaped_pages() -> Iterator[Case]:
    """Documentation that its builder refuses when warnings are errors."""
    for name, extensions, pages, options, place, wanted, gone in PAGES:
        code = (
            TOTAL
            if name != "oak"
            else 'def total(values):\n    """Return the sum.\n\n    Steps:\n\n    * take\n    * add\n    and be done.\n    """\n    return sum(values)\n'
        )
        files = src(name, code, TESTED.format(name))
        more = "".join(text for page, text in pages.items() if page.startswith("index"))
        files |= {
            "docs/conf.py": CONF.format(name, extensions),
            "docs/index.rst": INDEX.format(name, "=" * len(name)) + ("\n" if "index" in pages else "") + more,
            "docs/usage.rst": USAGE, "docs/api.rst": API,
            "docs/requirements.txt": "sphinx\nmyst-parser\n" if "myst" in extensions else "sphinx\n",
            ".github/workflows/docs.yml": job("pip install -r docs/requirements.txt .", f"sphinx-build {options} -b html docs docs/_build/html"),
        }  # fmt: skip
        if "usage.md" in pages:
            del files["docs/usage.rst"]
        files |= {
            f"docs/{page}" if "." in page else f"docs/{page}.rst": text
            for page, text in pages.items()
            if not page.startswith("index")
        }
        where = f"src/{name}/core.py" if place == "core" else f"docs/{place}" if "." in place else f"docs/{place}.rst"
        yield Case(name, "docs", files, {where: wanted} if wanted else {}, {where: gone} if gone else {})
    yield from _mkdocs()


def _mkdocs() -> Iterator[Case]:
    rows = (
        ("rowan", "nav:\n  - Home: index.md\n  - Usage: usge.md\n", "Text.\n", "mkdocs.yml", "usage.md", "usge"),
        (
            "spruce",
            "nav:\n  - index.md\n  - usage.md\nvalidation:\n  anchors: warn\n",
            "See [calls](usage.md#caling).\n",
            "docs/index.md",
            "usage.md#calling",
            "#caling)",
        ),
        ("willow", "", "![Logo](img/lgo.svg)\n", "docs/index.md", "img/logo.svg", "lgo"),
        (
            "yew",
            "nav:\n  - index.md\n  - usage.md\n  - guide/start.md\n",
            "See [start](start.md).\n",
            "docs/index.md",
            "(guide/start.md)",
            "(start.md)",
        ),
    )
    for name, settings, text, place, wanted, gone in rows:
        files = src(name, TOTAL, TESTED.format(name)) | {
            "mkdocs.yml": f"site_name: {name}\n{settings}", "docs/index.md": f"# {name}\n\n{text}",
            "docs/usage.md": "# Usage\n\n## Calling\n\nText.\n", "docs/img/logo.svg": "<svg/>\n",
            "tox.ini": "[testenv:docs]\ndeps = mkdocs\ncommands = mkdocs build --strict\n",
        }  # fmt: skip
        if "guide/" in settings:
            files["docs/guide/start.md"] = "# Start\n\nText.\n"
        yield Case(name, "docs", files, {place: wanted}, {place: gone})
