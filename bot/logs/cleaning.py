"""Takes off a log's lines what a terminal or a runner put on them: colours, time stamps, prefixes, overwritten parts.

What nearly every line carries is taken off by plain means; RE2 sees only the rest.
"""

from __future__ import annotations

from bot.logs.indented import unindented
from bot.logs.patterns import Rx, rx

VISIBLE = rx(r"(?:\^\[|\xe2\x90\x9b|\\x1b|\\033|\\u001b)\[[0-9;]*[A-Za-z]")
ORPHANS = rx(r"\[\d{1,3}(?:;\d{1,3})*m")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
TRAILING = rx(r"\r+$")
OVERWRITTEN = rx(r"^.*\r")
FOLDS = rx(r"^(?:(?:travis_(?:fold|time):[\w.:,=-]+|section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?)\r?)+")
QUOTED = rx(r"^> ?")
JUNK = r"[^\w\t\r\n ]{0,12}"  # a byte order mark that a shell wrote in another encoding
COLUMNS = rx(r"^[^\t\r]{1,300}\t[^\t\r]{0,300}\t" + JUNK + STAMP + r" ?")
STAMPED = rx(r"^\[?" + STAMP + r"\]?(?: \d\d[OE][+ ]?)? ?")
BUILDX = rx(r"^#\d{1,4} (?:\d+\.\d{1,3}(?: |$))?")
DOCKERFILE = rx(r"^(?: > \[.*\d+/\d+\] |Dockerfile\S*:\d+$)")
ELAPSED = rx(r"^\d{1,5}\.\d{1,3}(?: |$)")  # before the last lines of what failed, which BuildKit repeats
PIPENV = rx(r"^\[pipenv\.exceptions\.\w{1,60}\]: {0,2}")
COMPOSE = rx(r"^[a-z][\w.-]{0,60}[-_]\d{1,3} +\| ?")
CLOCK = (
    r"^(?:\[?[0-2]\d:[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?\]?|\[ *\d{1,7}(?:\.\d{1,6})?s?\]|\[[a-z]+ " + STAMP + r"\]"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3,6} \|(?: [\w.-]+ \|)?| *\d{1,6} s \|)"
)
ONE, TWO = rx(CLOCK + r"(?: |$)"), rx(CLOCK + r"(?:  |$)")
LABELLED = rx(
    r"^[^\t\r\n|]{1,200}?(?:" + r" ?\| ?" + JUNK + STAMP + r"| +" + JUNK + r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z) ?"
)
LEVEL = rx(r"(?i)^\W?(?:debug|info|notice|warn(?:ing)?|error|critical|fatal)\b")
DIGITS = b"0123456789"
PARAMETERS, BETWEEN = b"0123456789:;<=>?", bytes(range(0x20, 0x30))
STRINGS = (b"]", b"P", b"X", b"^", b"_")
SAMPLE = 100_000  # bytes that tell whether the lines carry the time of day
RUNNER = len("2026-01-02T03:04:05.1234567Z")


def plain(data: bytes) -> bytes:
    """Return text without the escape sequences of terminals (ECMA-48: CSI, strings, two bytes; a bell ends strings)."""
    if b"\x1b" not in data:
        return data
    first, *rest = data.split(b"\x1b")
    kept = [first]
    begun = False
    for at, piece in enumerate(rest):
        if begun:  # a string ends with ESC and a backslash
            kept.append(piece[1:])
            begun = False
            continue
        closed = at + 1 < len(rest) and rest[at + 1].startswith(b"\\")
        begun = closed and piece[:1] in STRINGS and b"\n" not in piece and b"\x07" not in piece
        if not begun:
            kept.append(_after(piece))
    return b"".join(kept)


def _after(piece: bytes) -> bytes:
    """Return what follows the sequence that a piece begins with; its escape stands before it."""
    if piece.startswith(b"["):
        rest = piece[1:].lstrip(PARAMETERS).lstrip(BETWEEN)
        return rest[1:] if b"@" <= rest[:1] <= b"~" else piece[1:]
    if piece[:1] in STRINGS:
        text, bell, rest = piece.partition(b"\x07")
        return rest if bell and b"\n" not in text else piece[1:]
    rest = piece.lstrip(BETWEEN)
    return rest[1:] if b"0" <= rest[:1] <= b"~" else b"\x1b" + piece


def unprefixed(text: bytes) -> bytes:
    """Return the lines without prefixes, and without colours that were printed as text or lost their escape."""
    text = _unquoted(VISIBLE.sub(b"", text))
    if text.count(b"[0m") >= 3:
        text = ORPHANS.sub(b"", text)
    text = _unlabelled(_without(COLUMNS, text))
    text = _unclocked(text)
    text = _without(STAMPED, b"\n".join([_unstamped(line) for line in text.split(b"\n")]))
    text = _without(BUILDX, text)
    if DOCKERFILE.first(text) >= 0:
        text = ELAPSED.sub(b"", text)
    text = _without(PIPENV, text)
    text = _without(COMPOSE, text)
    if b"\r" in text:
        text = OVERWRITTEN.sub(b"", TRAILING.sub(b"", FOLDS.sub(b"", text)))
    return unindented(text)


def _without(prefix: Rx, text: bytes) -> bytes:
    return prefix.sub(b"", text) if prefix.first(text) >= 0 else text


def _unquoted(text: bytes) -> bytes:
    """Return the lines without the mark of a quotation, where all carry it."""
    lines = [line for line in text.split(b"\n") if line.strip()]
    return QUOTED.sub(b"", text) if len(lines) > 1 and all(line.startswith(b">") for line in lines) else text


def _unlabelled(text: bytes) -> bytes:
    """Return the lines without the job and time that a viewer put before most of them, in place of tabs.

    The level of a program's own log lines, which stands there too, is left.
    """
    sample = text[:SAMPLE]
    labelled = sum(1 for _ in LABELLED.hits(sample))
    if labelled <= sample.count(b"\n") // 2 or LEVEL.first(sample) >= 0:
        return text
    return LABELLED.sub(b"", text)


def _unclocked(text: bytes) -> bytes:
    """Return the lines without the time that Jenkins, AppVeyor, Zuul, Taskcluster and OBS put before most of them.

    Jenkins puts two spaces after it, the others one.
    """
    sample = text[:SAMPLE]
    clocked = sum(1 for _ in ONE.hits(sample))
    if clocked < 2 or clocked <= sample.count(b"\n") // 2:
        return text
    return (TWO if sum(1 for _ in TWO.hits(sample)) == clocked else ONE).sub(b"", text)


def _unstamped(line: bytes) -> bytes:
    """Return a line without the time stamp of GitHub's runner; any other line as it is."""
    if line[RUNNER - 1 : RUNNER] != b"Z" or line[10:11] != b"T":
        return line
    if line[:RUNNER].translate(None, DIGITS) != b"--T::.Z":
        return line
    return line[RUNNER + 1 :] if line[RUNNER : RUNNER + 1] == b" " else line[RUNNER:]
