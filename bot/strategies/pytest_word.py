"""Correct a word that pytest does not know: a mark or the scope of a fixture, one slip away from a real one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._sites import sites
from bot.strategies._text import edit

_MARK = re2.compile(r"Unknown '(\w+)' mark|'(\w+)' not found in `markers`|Unknown pytest\.mark\.(\w+)")
_SCOPE = re2.compile(r"unexpected scope value '(\w+)'")
# https://docs.pytest.org/en/stable/reference/reference.html#marks and #pytest.fixture
_MARKS = frozenset({"parametrize", "skip", "skipif", "xfail", "usefixtures", "filterwarnings", "tryfirst", "trylast"})
_SCOPES = frozenset({"function", "class", "module", "package", "session"})


def _words(said: str) -> Iterator[tuple[str, str, str]]:
    """Yield (pattern of what is written, wrong word, right word)."""
    for groups in dict.fromkeys(_MARK.findall(said)):
        name = next(one for one in groups if one)
        near = nearest(name, _MARKS)
        if near:
            yield rf"(\bmark\.){name}\b", name, near[0]
    for name in dict.fromkeys(_SCOPE.findall(said)):
        near = nearest(name, _SCOPES)
        if near:
            yield rf"(\bscope\s*=\s*['\"]){name}\b", name, near[0]


@strategy(causes=("test-failure", "error", "import-error"), trust="glance", touches="tests", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each word that pytest does not know."""
    said = "\n".join(site.message for site in sites(diagnosis, codebase))
    for pattern, wrong, right in _words(said):
        edits: list[FileEdit] = []
        for path in codebase.python_files:
            text = codebase.text(path)
            if wrong in text and codebase.is_test(path):
                edits += edit(path, text, str(re2.compile(pattern).sub(rf"\g<1>{right}", text)))
        if edits:
            yield Proposal(
                strategy="pytest_word",
                title=f"Correct {wrong} to {right}",
                edits=tuple(edits),
                confidence=0.93,
                why=f"pytest knows no `{wrong}`; `{right}` is the only word that near.",
            )
