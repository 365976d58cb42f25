"""Correct what mkdocs.yml says: keys, themes, plugins and extensions by their real names, pages and folders there are.

Sources: https://www.mkdocs.org/user-guide/configuration/ and https://python-markdown.github.io/extensions/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._prose import complaints, meant_page
from bot.strategies._text import edit, indent_of

_KEY = re2.compile(r"Unrecognised configuration name: (\w+)")
_NAMED = (
    (re2.compile(r"Unrecognised theme name: '([\w-]+)'"), frozenset({"mkdocs", "readthedocs", "material"})),
    (re2.compile(r"The \"([\w/-]+)\" plugin is not installed"), frozenset(
        "search tags blog mkdocstrings gen-files literate-nav section-index macros awesome-pages redirects autorefs"
        " minify include-markdown git-revision-date-localized social offline meta privacy".split())),
    (re2.compile(r"Failed to load extension '([\w.]+)'"), frozenset(
        "abbr admonition attr_list codehilite def_list extra fenced_code footnotes legacy_attrs legacy_em md_in_html"
        " meta nl2br sane_lists smarty tables toc wikilinks pymdownx.highlight pymdownx.superfences pymdownx.details"
        " pymdownx.tabbed pymdownx.snippets pymdownx.inlinehilite pymdownx.emoji pymdownx.tasklist pymdownx.arithmatex"
        " pymdownx.betterem pymdownx.caret pymdownx.keys pymdownx.mark pymdownx.magiclink pymdownx.critic".split())),
)  # fmt: skip
_KEYS = frozenset(
    "site_name site_url site_description site_author copyright repo_url repo_name edit_uri edit_uri_template"
    " remote_branch remote_name nav exclude_docs draft_docs not_in_nav validation theme docs_dir site_dir extra_css"
    " extra_javascript extra_templates extra watch use_directory_urls strict dev_addr markdown_extensions hooks"
    " plugins INHERIT".split()
)
_FOLDER = re2.compile(r"Config value 'docs_dir': The path '([^']+)' isn't an existing directory")
_NAV = re2.compile(r"A (?:relative path|reference) to '([^']+)' is included in the 'nav'")


def _renamed(text: str, message: str) -> Iterator[str]:
    for key in _KEY.findall(message):
        near = nearest(key, _KEYS)
        if near and f"\n{near[0]}:" not in f"\n{text}":
            yield str(re2.sub(rf"(?m)^{re2.escape(key)}:", f"{near[0]}:", text))
    for pattern, names in _NAMED:
        for name in pattern.findall(message):
            near = nearest(name, names)
            if near:
                yield str(
                    re2.sub(rf"(?m)(^\s*(?:- |theme: |name: )\s*['\"]?){re2.escape(name)}\b", rf"\g<1>{near[0]}", text)
                )


def _without(text: str, page: str) -> str:
    """Return the text without the entry of a page; an entry that stands alone stays, for an empty list is wrong too."""
    lines = split_lines(text)
    own = re2.compile(rf"^\s*- (?:[^:]+:\s*)?['\"]?{re2.escape(page)}['\"]?\s*$")
    at = [n for n, line in enumerate(lines) if own.search(line)]
    if len(at) != 1:
        return text
    beside = [n for n in (at[0] - 1, at[0] + 1) if 0 <= n < len(lines) and lines[n].strip()]
    alone = not any(
        indent_of(lines[n]) == indent_of(lines[at[0]]) and lines[n].lstrip().startswith("-") for n in beside
    )
    return text if alone else "".join([*lines[: at[0]], *lines[at[0] + 1 :]])


def _corrected(text: str, message: str, codebase: Codebase) -> Iterator[str]:
    """Yield the text with what a message is about corrected."""
    yield from _renamed(text, message)
    for folder in _FOLDER.findall(message):
        name = folder.rstrip("/").rpartition("/")[2]
        indexes = {str(PurePosixPath(path).parent) for path in codebase.files if path.endswith("/index.md")}
        if len(indexes) == 1:
            yield str(re2.sub(rf"(?m)^(docs_dir:\s*['\"]?)(?:\S*/)?{re2.escape(name)}", rf"\g<1>{indexes.pop()}", text))
    for page in _NAV.findall(message):
        if not meant_page(page, "docs/index.md", codebase):
            yield _without(text, page)
    if "'site_name': Required configuration not provided" in message and codebase.metadata.name:
        yield f"site_name: {codebase.metadata.name}\n{text}"


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.83)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each thing that MkDocs does not take."""
    path = next((one for one in ("mkdocs.yml", "mkdocs.yaml") if one in codebase.files), "")
    for complaint in complaints(diagnosis, codebase) if path else ():
        for made in _corrected(codebase.text(path), complaint.message, codebase):
            for one in edit(path, codebase.text(path), made):
                yield Proposal(
                    strategy="mkdocs_settings",
                    title=f"Correct {path}: {complaint.message[:80]}",
                    edits=(one,),
                    confidence=0.86,
                    why="MkDocs knows no such name or page; nothing else there could be meant.",
                )
