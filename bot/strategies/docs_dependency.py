"""Declare the extension, theme or plugin that a documentation build misses, among the documentation's requirements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import canonical
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._declaring import add_to
from bot.strategies._prose import complaints

_EXTENSION = re2.compile(
    r"Could not import extension ([\w.]+)|No module named '([\w.]+)'|Failed to load extension '([\w.]+)'"
)
_THEME = re2.compile(r"no theme named '([\w-]+)' found|Unrecognised theme name: '([\w-]+)'")
_PLUGIN = re2.compile(r"The \"([\w/-]+)\" plugin is not installed")
# import name, theme or plugin -> distribution; source: the installation page of each
_KNOWN = {
    "sphinx_rtd_theme": "sphinx-rtd-theme", "furo": "furo", "alabaster": "alabaster", "myst_parser": "myst-parser",
    "myst_nb": "myst-nb", "nbsphinx": "nbsphinx", "numpydoc": "numpydoc", "recommonmark": "recommonmark",
    "sphinx_copybutton": "sphinx-copybutton", "sphinx_design": "sphinx-design", "sphinx_click": "sphinx-click",
    "sphinx_autodoc_typehints": "sphinx-autodoc-typehints", "sphinx_tabs": "sphinx-tabs", "m2r2": "m2r2",
    "sphinx_gallery": "sphinx-gallery", "autoapi": "sphinx-autoapi", "sphinx_inline_tabs": "sphinx-inline-tabs",
    "sphinxext": "sphinxext-opengraph", "pydata_sphinx_theme": "pydata-sphinx-theme",
    "sphinx_book_theme": "sphinx-book-theme", "sphinxarg": "sphinx-argparse", "jupyter_sphinx": "jupyter-sphinx",
    "sphinx_togglebutton": "sphinx-togglebutton", "sphinx_issues": "sphinx-issues",
    "sphinx_material": "sphinx-material", "sphinx_argparse": "sphinx-argparse",
    "material": "mkdocs-material", "mkdocstrings": "mkdocstrings[python]", "gen-files": "mkdocs-gen-files",
    "literate-nav": "mkdocs-literate-nav", "section-index": "mkdocs-section-index", "macros": "mkdocs-macros-plugin",
    "awesome-pages": "mkdocs-awesome-pages-plugin", "redirects": "mkdocs-redirects", "autorefs": "mkdocs-autorefs",
    "minify": "mkdocs-minify-plugin", "include-markdown": "mkdocs-include-markdown-plugin", "mike": "mike",
    "git-revision-date-localized": "mkdocs-git-revision-date-localized-plugin", "termynal": "termynal",
    "glightbox": "mkdocs-glightbox", "jupyter": "mkdocs-jupyter", "pymdownx": "pymdown-extensions",
    "mkdocs-jupyter": "mkdocs-jupyter",
}  # fmt: skip


def _missing(message: str) -> Iterator[str]:
    for pattern in (_EXTENSION, _THEME, _PLUGIN):
        for found in pattern.findall(message):
            groups = (found,) if isinstance(found, str) else found
            yield from (group for group in groups if group)


def _distribution(name: str) -> str:
    if name.startswith("sphinxcontrib."):
        return "sphinxcontrib-" + name.removeprefix("sphinxcontrib.").partition(".")[0].replace("_", "-")
    return _KNOWN.get(name) or _KNOWN.get(name.partition(".")[0]) or _KNOWN.get(name.partition("/")[0], "")


@strategy(causes=("docs", "documentation", "missing-dependency"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one declaration for each extension, theme or plugin that is not declared."""
    seen: set[str] = set()
    for complaint in complaints(diagnosis, codebase):
        for name in _missing(complaint.message):
            distribution = _distribution(name)
            if (
                not distribution
                or distribution in seen
                or codebase.metadata.declared(canonical(distribution.partition("[")[0]))
            ):
                continue
            seen.add(distribution)
            edits = add_to(("docs", "doc", "documentation", "rtd"), distribution, codebase)
            if edits:
                yield Proposal(
                    strategy="docs_dependency",
                    title=f"Declare {distribution} in {edits[0].path}",
                    edits=edits,
                    confidence=0.88,
                    why=f"the documentation is built with `{name}`, which no metadata file asks for.",
                )
