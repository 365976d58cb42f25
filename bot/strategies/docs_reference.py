"""Correct a label, page, image, directive or role that the documentation names and that does not exist.

Only where exactly one real name is a slip away, or one file of that name lies somewhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._prose import Complaint, anchors, complaints, labels, meant_page, pages, relative
from bot.strategies._text import edit

_LABEL = re2.compile(r"undefined label: '?([^'\s\[]+)'?")
_PAGE = re2.compile(
    r"(?:nonexisting document|unknown document:?|image file not readable:?|include file not found|the target"
    r"|cross-reference target not found:|contains (?:a|an) (?:relative |unrecognized )?link) '?([\w./-]+)'?"
)
_NAV = re2.compile(r"A (?:relative path|reference) to '([^']+)' is included in the 'nav'")
_ANCHOR = re2.compile(r"link '([^'#]*)#([^']+)', but (?:the doc '([^']+)' does not contain an|there is no such) anchor")
_KIND = re2.compile(r'Unknown (directive type|interpreted text role) "([\w:-]+)"')
_LEXER = re2.compile(r"Pygments lexer name '([\w+-]+)' is not known")
# https://docutils.sourceforge.io/docs/ref/rst/directives.html and https://www.sphinx-doc.org/en/master/usage/restructuredtext/
_DIRECTIVES = frozenset(
    "attention caution danger error hint important note tip warning admonition image figure topic sidebar rubric"
    " epigraph table csv-table list-table contents include raw replace date class role toctree code-block"
    " literalinclude highlight only versionadded versionchanged deprecated seealso glossary centered hlist math"
    " autofunction autoclass automodule autosummary automethod autoexception autodata doctest testcode testoutput"
    " py:function py:class"
    " py:module py:method code parsed-literal default-role meta".split()
)
_ROLES = frozenset(
    "ref doc func class meth mod attr exc data const obj term code math pep rfc download numref envvar option any abbr"
    " command dfn file guilabel kbd mailheader menuselection py:func py:class py:meth py:mod py:attr py:exc sup"
    " sub".split()
)
_INCLUDED = re2.compile(
    r"(?:[Ii]nclude file|download file not readable:|No such file or directory:) '?([\w./-]*[\w-])'?"
)
_USUAL = frozenset("python bash console json yaml toml text shell".split())
_LEXERS = frozenset(
    "python python3 pycon bash console shell sh text none json yaml toml ini rst html css javascript typescript sql xml"
    " c cpp java rust go diff make dockerfile http jinja markdown ruby powershell batch".split()
)


def _wrong(complaint: Complaint, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield (what the page says, what it must have meant)."""
    for name in _LABEL.findall(complaint.message):
        yield name, _one(name, labels(codebase))
    for target in (*_PAGE.findall(complaint.message), *_NAV.findall(complaint.message)):
        page = meant_page(target, complaint.path or "docs/x", codebase)
        if page:
            short = relative(page, str(PurePosixPath(complaint.path or "docs/x").parent))
            yield target, short if PurePosixPath(target).suffix else str(PurePosixPath(short).with_suffix(""))
    for page, anchor, target in _ANCHOR.findall(complaint.message):
        folder = complaint.path.partition("/")[0]
        near = _one(anchor, anchors(codebase.files.get(f"{folder}/{target}" if target else complaint.path, "")))
        yield f"{page}#{anchor}", f"{page}#{near}" if near else ""
    for kind, name in _KIND.findall(complaint.message):
        yield name, _one(name, _DIRECTIVES if kind.startswith("directive") else _ROLES)
    for name in _LEXER.findall(complaint.message):
        yield name, _one(name, _USUAL) or _one(name, _LEXERS)
    for target in _INCLUDED.findall(complaint.message):
        yield from _included(target, complaint, codebase)


def _included(target: str, complaint: Complaint, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield the file that a directive takes in, as the page has it, and the one that must be meant."""
    words = set(codebase.text(complaint.path).split()) if complaint.path else set()
    for written in sorted(words):
        if written.rpartition("/")[2] == target.rpartition("/")[2] and not written.startswith("/"):
            page = meant_page(written, complaint.path, codebase)
            if page:
                yield written, relative(page, str(PurePosixPath(complaint.path).parent))


def _one(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return near[0] if near else ""


def _places(complaint: Complaint, codebase: Codebase) -> tuple[str, ...]:
    if _NAV.search(complaint.message):
        return tuple(path for path in codebase.files if PurePosixPath(path).name in {"mkdocs.yml", "mkdocs.yaml"})
    return (complaint.path,) if complaint.path else pages(codebase)


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each name that leads nowhere."""
    for complaint in complaints(diagnosis, codebase):
        for wrong, meant in _wrong(complaint, codebase):
            pattern = re2.compile(rf"(^|[^\w./-]){re2.escape(wrong)}($|[^\w./-])")
            for path in _places(complaint, codebase) if meant and meant != wrong else ():
                text = codebase.text(path)
                edits = edit(path, text, str(pattern.sub(rf"\1{meant}\2", text)))
                if edits:
                    yield Proposal(
                        strategy="docs_reference",
                        title=f"Correct {wrong} to {meant} in {path}",
                        edits=edits,
                        confidence=0.85,
                        why=f"`{wrong}` leads nowhere; `{meant}` is the only one that near.",
                    )
                    break
