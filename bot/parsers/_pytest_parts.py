"""The parts of a pytest run as it prints them: sessions, banners, sections, summary lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx

START = rx(r"^(?:=+ test session starts(?: \(.*\))? =+|Test session starts \(platform: .*\))$")
COUNT = (
    r"\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|retried"
    r"|subtests? (?:passed|failed|skipped))"
)
FINAL = rx(
    r"^(?:=+ )?(?P<counts>(?:no tests (?:ran|collected)|\d+(?:/\d+)? tests? collected)(?: \(\d+ deselected\))?"
    r"(?:, " + COUNT + r")*|" + COUNT + r"(?:, " + COUNT + r")*)"
    r" in \d[\d.:]*(?:s| seconds)?(?: \(.*\))?(?: =+)?$"
)
PASSED = rx(r"[1-9]\d* (?:passed|failed|errors?|skipped|xfailed|xpassed|subtests?)\b")
BAD = rx(r"[1-9]\d* (?:failed|errors?|subtests? failed)\b")
BANNER = rx(r"^=+ (?P<title>[^=].*?) =+$")
HEADER = rx(r"^(?P<left>_*|(?:―){3,}) (?P<name>\S.*?) (?P<right>_*|(?:―){3,})$")  # a plugin draws finer rules
OWN_BANNER = rx(
    r"^=+ (?:test session starts.*|FAILURES|ERRORS|PASSES|XFAILURES|XPASSES|warnings summary.*|tests coverage"
    r"|(?:short|rerun) test summary info|slowest .*) =+$"
)
RULED = rx(r"^(?:_+ (?P<name>\S.*) _+|(?:―){3,} (?P<fine>\S.*) (?:―){3,})$")
CAPTURED = rx(r"^-+ (?:Captured .*|live log .*|generated .*|coverage: .*|benchmark.*) -+$")
SUMMARY = rx(
    r"^(?:[\[(].*[\])] )?(?P<word>FAILED|ERROR|SUBFAIL(?:ED)?(?:\[[^\]]*\])?(?:\([^)]*\))?(?: \([^)]*\))?)"
    r" (?P<rest>[^\s:][^:]*\.\w+(?:::.*| - .*)?)$"
)
IMPORTING = rx(r"^(?P<what>ImportError|ModuleNotFoundError) while importing test module '(?P<path>[^']+)'")
SUMMARY_TITLE = "short test summary info"
SUBTEST = rx(r"^(?P<name>[^\s\[]+) (?:\[.*\]|\(.*\))+$")
PROGRESS = rx(
    r"^(?:\[gw\d+\] (?:\[ *\d+%\] )?(?P<word>FAILED|ERROR) (?P<worker_id>\S.*?)|(?P<id>\S[^:]*\.(?:py|rst|md"
    r"|txt)(?:::.*?)?) (?P<word2>FAILED|ERROR|SUBFAIL(?:ED)?\S*)(?: +\[ *\d+%\])?(?: \(.*\))?) *$"
)
PASSING = rx(r"^\S[^:]*\.py::\S.* (?:PASSED|SKIPPED|XFAIL|XPASS)(?: +\[ *\d+%\])?$")
E_LINE = rx(r"^E   +\S")
ALONE = rx(r"^E {3,}(?:[A-Za-z_][\w.]*(?:Error|Exception|Exit|Flaky|Failed|Warning)\b|assert |fixture ')")
RUNNING = rx(r"^(?P<id>[^\s:]+\.py::\S.*?) *$")
DOTS = rx(r"^(?P<file>\S+\.py) [.FEsxX]*$")
ONE_LINE = rx(r"^(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.\w+):(?P<line>\d{1,9}): (?P<text>\S.*)$")
LEFT = rx(r"^(?:(?:Error: )?Process completed with exit code \d+\.?|Post job cleanup\.|Run \S.*)$")
MOST_PARTS = 12  # of an id, or of a summary line, between `::` or dashes
SECTION_TITLES = {"FAILURES": "call", "ERRORS": "error"}


@dataclass(frozen=True)
class Session:
    """One run of pytest: lines `start` to before `end`; `final` is the line with the counts, -1 when cut off."""

    start: int
    end: int
    final: int
    counts: str

    @property
    def ok(self) -> bool | None:
        """Return whether it passed; None when it does not say or ran nothing."""
        if self.final < 0 or self.counts.startswith("no tests") or PASSED.find(self.counts) is None:
            return None
        return BAD.find(self.counts) is None


@dataclass(frozen=True)
class Section:
    """One failure's section: its header's text, and its lines up to the captured output."""

    name: str
    kind: str
    start: int
    body_end: int
    end: int


def sessions(log: Log) -> Iterator[Session]:
    """Yield the runs of pytest in a log, in order.

    A run with a start line ends with a ruled line of counts; only a quiet run may end with a bare one.
    """
    starts = _starts(log)
    finals = [(hit.index, hit["counts"]) for hit in log.find(FINAL)]
    if not starts and not finals:
        first = _cut_start(log)
        if first >= 0:
            left = [hit.index for hit in log.find(LEFT, 0, first)]
            yield Session(left[-1] + 1 if left else 0, _left(log, first, len(log)), -1, "")
        return
    before = starts[0] if starts else len(log)
    yield from _quiet(log, [f for f in finals if f[0] < before])
    for at, start in enumerate(starts):
        following = starts[at + 1] if at + 1 < len(starts) else len(log)
        ends = [f for f in finals if start < f[0] < following and log.line(f[0]).startswith("=")]
        if ends:
            yield Session(start, ends[-1][0] + 1, *ends[-1])
        else:
            yield Session(start, _left(log, start, following), -1, "")


def _starts(log: Log) -> list[int]:
    """Return the start lines, without those of runs that a failing test captured."""
    starts = [hit.index for hit in log.find(START)]
    captured = [hit.index for hit in log.find(CAPTURED)]
    real: list[int] = []
    for start in starts:
        above = captured[bisect_right(captured, real[-1] if real else 0) : bisect_left(captured, start)][-1:]
        if not above or log.first(LEFT, above[-1], start) is not None or _ended(log, real, start):
            real.append(start)
    return real


def _ended(log: Log, real: Sequence[int], start: int) -> bool:
    """Return whether the run before a start line has told its summary and its counts."""
    ended = log.first(FINAL, max(real[-1] if real else 0, start - 60), start)
    return ended is not None and log.line(ended.index).startswith("=")


def _left(log: Log, start: int, end: int) -> int:
    left = log.first(LEFT, start, end)
    return left.index if left else end


def _quiet(log: Log, finals: Sequence[tuple[int, str]]) -> Iterator[Session]:
    """Quiet runs have no start line; of several lines of counts in one step the last is the run's own."""
    previous = 0
    for at, (final, counts) in enumerate(finals):
        following = finals[at + 1][0] if at + 1 < len(finals) else -1
        if following >= 0 and log.first(LEFT, final, following) is None:
            continue
        yield Session(_quiet_start(log, previous, final), final + 1, final, counts)
        previous = final + 1


def _cut_start(log: Log) -> int:
    """Return the first line that only pytest prints, of a run whose start and end are not there; -1 for none."""
    firsts = [log.first(pattern) for pattern in (OWN_BANNER, SUMMARY, PROGRESS, PASSING, IMPORTING)]
    ruled = next((hit for hit in log.find(RULED) if hit["name"] != "summary"), None)  # tox 3 has a rule of that name
    return min((hit.index for hit in (*firsts, ruled, log.first(ALONE)) if hit is not None), default=-1)


def _quiet_start(log: Log, previous: int, final: int) -> int:
    """Without a start line the run begins at its first progress, section or summary line."""
    left = [hit.index for hit in log.find(LEFT, previous, final)]
    begin = left[-1] if left else previous
    dots = log.first(QUIET, begin, final)
    told = log.first(E_LINE, begin, dots.index) if dots else None
    if told is not None:  # a log cut at its head: the failure it begins with belongs to the run
        return begin + 1 if left else begin
    return dots.index if dots else final


QUIET = rx(
    r"^(?:(?:\S+ )?[.FEsxXR]+(?: +\[ *\d+%\])|[.FEsxXR]{2,}|=+ (?:FAILURES|ERRORS) =+|(?:FAILED|ERROR) \S.*"
    r"|\S+::\S+ (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b.*"
    r"|collecting .*|collected \d+ items?.*|_+ \S.* _+)$"
)


def sections(log: Log, session: Session) -> Iterator[Section]:
    """Yield the sections under FAILURES and ERRORS (and, in a log cut at its head, those before any banner)."""
    marks = list(_marks(log, session))
    first = marks[0][0] if marks else session.end
    if (
        session.start < first
        and log.first(START, session.start, first) is None
        and log.first(E_LINE, session.start, first)
    ):
        heads = [hit.index for hit in log.find(IMPORTING, session.start, first)]
        cuts = [session.start, *(at for at in heads if at > session.start), first]
        yield from (Section("", "call", start - 1, end, end) for start, end in pairwise(cuts))
    for at, (start, kind, name) in enumerate(marks):
        end = marks[at + 1][0] if at + 1 < len(marks) else session.end
        if kind in ("call", "error") and name:
            captured = log.first(CAPTURED, start, end)
            yield Section(name, kind, start, captured.index if captured else end, end)


def plain_lines(log: Log, session: Session) -> Iterator[tuple[int, Hit]]:
    """Yield (first line of the text, location) of each failure of the style that gives one line a failure."""
    for banner in log.find(BANNER, session.start, session.end):
        if SECTION_TITLES.get(banner["title"]) != "call" or HEADER.find(log.line(banner.index + 1)):
            continue
        end = log.first(BANNER, banner.index + 1, session.end)
        start = banner.index + 1
        for hit in log.find(ONE_LINE, start, end.index if end else session.end):
            told = log.first(E_LINE, start, hit.index)
            yield told.index if told else hit.index, hit
            start = hit.index + 1


def _marks(log: Log, session: Session) -> list[tuple[int, str, str]]:
    """Return (line, kind, name) of banners (no name) and of the headers below FAILURES and ERRORS."""
    banners = [(h.index, h["title"], len(log.line(h.index))) for h in log.find(BANNER, session.start, session.end)]
    headers = [(h.index, h["name"]) for h in log.find(HEADER, session.start, session.end)]
    marks: list[tuple[int, str, str]] = [(index, SECTION_TITLES.get(title, "other"), "") for index, title, _ in banners]
    places = [place for place, _, _ in banners]
    for index, name in headers:
        above = banners[: bisect_left(places, index)][-1:]
        kind = SECTION_TITLES.get(above[-1][1], "other") if above else "call"
        if set(name) <= {"_", " "} or name == "summary" or kind == "other" or not _wide(log, index, above):
            continue
        marks.append((index, kind, name))
    return sorted(marks)


def _wide(log: Log, index: int, above: Sequence[tuple[int, str, int]]) -> bool:
    """Return whether a header fills the width; a name too long for it may stand alone between two spaces."""
    line = log.line(index)
    ruled = line[:1] in ("_", "―") and line[-1:] in ("_", "―")
    return (ruled or len(line) >= 80) and (not above or len(line) >= above[-1][2] - 1)


def split_summary(rest: str, names: Container[str]) -> tuple[str, str]:
    """Return (test id, message) of what follows FAILED or ERROR in the short summary.

    A header that ends the id decides where a message starts; else brackets do, for ids hold spaces and dashes too.
    """
    cuts = [*_places(rest, " - "), len(rest)]
    known = [(len(end), cut) for cut in cuts for end in ends(rest[:cut]) if end in names]
    if known:
        cut = max(known)[1]
        return rest[:cut], rest[cut + 3 :]
    depth = 0
    for at, char in enumerate(rest):
        depth += (char == "[") - (char == "]")
        if depth <= 0 and rest.startswith(" - ", at):
            return rest[:at], rest[at + 3 :]
    test_id, _, message = rest.partition(" - ") if depth > 0 else (rest, "", "")
    return test_id.strip(), message


def ends(test_id: str) -> list[str]:
    """Return what follows each `::` of a test's id, the longest first."""
    return [test_id[at + 2 :] for at in _places(test_id, "::")]


def _places(text: str, part: str) -> list[int]:
    """Return where a part stands in a text, at most so often as an id needs."""
    found: list[int] = []
    at = text.find(part)
    while at >= 0 and len(found) < MOST_PARTS:
        found.append(at)
        at = text.find(part, at + 1)
    return found


def as_id(header: str) -> str:
    """Return a header's name in the form of an id's end: dots before the parameters become `::`, no subtest."""
    plain = SUBTEST.find(header)
    name, bracket, rest = (plain["name"] if plain else header).partition("[")
    return name.replace(".", "::") + bracket + rest


def interrupted(log: Log) -> tuple[str | None, str | None]:
    """Return (test id, file) of what an unfinished last run was at; None for what cannot be told."""
    last = next((s for s in reversed(list(sessions(log))) if s.final < 0), None)
    if last is None:
        return None, None
    running = list(log.find(RUNNING, last.start, last.end))
    dots = list(log.find(DOTS, last.start, last.end))
    test_id = _only_id(running[-1]["id"]) if running else None
    if test_id and OUTCOME.find(test_id):
        test_id = None
    file = test_id.partition("::")[0] if test_id else (dots[-1]["file"] if dots else None)
    return test_id, file


def begun(text: str) -> tuple[str | None, str | None]:
    """Return (test id, file) that pytest wrote at the start of a line on which something else broke in."""
    found = BEGUN.find(text)
    if found is None:
        return None, None
    return found["id"] or None, found["id"].partition("::")[0] or found["file"]


def _only_id(text: str) -> str:
    """Return a test's id without what the shell or the interpreter wrote behind it on its line."""
    cut = BEHIND.find(text)
    return cut["id"] if cut else text


BEGUN = rx(r"^(?:(?P<id>\S[^:]*\.py::\S+)|(?P<file>[^\s:]+\.py)) (?:[.FEsxX]*|PASSED|FAILED)")
BEHIND = rx(r"^(?P<id>.*?) (?:Fatal Python error: |[^\s:]+: line \d+: +\d+ [A-Z]|\++ Timeout |Killed$|Terminated$).*$")
OUTCOME = rx(r" (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
