"""Lines as a terminal and a runner print them, and what is left of them to read."""

from __future__ import annotations

import pytest

from bot.logs.cleaning import plain
from bot.logs.lines import MOST, Log
from bot.logs.patterns import rx


@pytest.mark.parametrize(
    ("printed", "left"),
    [
        (b"\x1b[31;1mred\x1b[0m and \x1b[?25lhidden", b"red and hidden"),
        (b"\x1b]8;;https://x\x07link\x1b]8;;\x07 after", b"link after"),
        (b"\x1b]0;title\x1b\\after \x1bPdata\x1b\\more", b"after more"),
        (b"\x1b_bk;t=1700000000000\x07~~~ Running", b"~~~ Running"),
        (b"\x1b(Bplain \x1b=keys", b"plain keys"),
        (b"\x1b]never\nclosed", b"never\nclosed"),
        (b"\x1b[12\nbroken \x1b", b"12\nbroken \x1b"),
        (b"nothing", b"nothing"),
    ],
)
def test_escape_sequences_are_taken_off(printed: bytes, left: bytes) -> None:
    assert plain(printed) == left


@pytest.mark.parametrize(
    "line",
    [
        b"2026-01-02T03:04:05.1234567Z text",
        b"\xef\xbb\xbf2026-01-02T03:04:05.1234567Z text",
        b"2026-01-02T03:04:05.1234567Z \xef\xbb\xbftext",
        b"2026-01-02T03:04:05.123Z 01O text",
        b"[2026-01-02T03:04:05+02:00] text",
        b"job\tstep\t2026-01-02T03:04:05.1234567Z text",
        b"#12 1.234 text",
        b"\x1b[36;1mtext\x1b[0m",
        b"half\rtext",
    ],
)
def test_prefixes_and_what_was_written_over_are_taken_off(line: bytes) -> None:
    assert Log("x", b"2026-01-02T03:04:05.1234567Z first\n" + line + b"\n").lines() == ["first", "text"]


@pytest.mark.parametrize(
    ("printed", "left"),
    [
        (b"CI / test (3.11) | 2026-01-02T03:04:05Z text\n" * 3, "text"),
        (b"unit  UNKNOWN STEP    2026-01-02T03:04:05.1234567Z text\n" * 3, "text"),
        (b"unit\tRun\t\xc2\xb4\xe2\x95\x97\xe2\x94\x902026-01-02T03:04:05.1234567Z text\n", "text"),
        (b"ERROR 2026-01-02T03:04:05.1234567Z text\n" * 3, "ERROR 2026-01-02T03:04:05.1234567Z text"),
        (b"asked at 2026-01-02T03:04:05Z text\n" * 3, "asked at 2026-01-02T03:04:05Z text"),
    ],
)
def test_a_job_and_a_time_before_most_lines_are_taken_off(printed: bytes, left: str) -> None:
    assert set(Log("x", printed).lines()) == {left}


def test_a_block_of_a_tool_is_moved_to_the_margin_with_what_stands_further_in() -> None:
    block = "".join(f"{' ' * 4}{line}\n" for line in ("== ERRORS ==", "a", "  b", ""))
    shown = f"before\n{block}after\n    alone\n".replace("==", "=" * 10)
    lines = Log("x", shown.encode()).lines()
    assert lines == ["before", f"{'=' * 10} ERRORS {'=' * 10}", "a", "  b", "", "after", "    alone"]


def test_a_line_that_only_looks_stamped_stays() -> None:
    line = "20260-1-02T03:04:05.123456 Z text"
    assert Log("x", line.encode()).line(0) == line
    assert Log("x", b"2026-01-02T03:04:05.1234567Z").line(0) == ""


@pytest.mark.parametrize("pattern", [r"^FAILED (?P<n>\d+)$", r"^\S+ (?P<n>\d+)$"])
def test_of_masses_of_alike_lines_both_ends_are_read(pattern: str) -> None:
    count = 3 * MOST
    log = Log("x", b"".join(b"FAILED %d\n" % n for n in range(count)))
    found = [int(hit["n"]) for hit in log.find(rx(pattern))]
    assert found == [*range(MOST), *range(count - MOST, count)]
    assert log.passed_over == MOST
