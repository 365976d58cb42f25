"""Times, durations, lines and dialects: what logs really hold, and what must be kept out."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from bot.telemetry import lines
from bot.telemetry.causes import cause_of, normal_message
from bot.telemetry.dialects import dialects, recognised, text
from bot.telemetry.durations import milliseconds
from bot.telemetry.normal import handler_name, kind
from bot.telemetry.times import Times
from bot.telemetry.timestamps import iso, utc
from bot.telemetry.wire import error_text

NOON = 1_714_564_800.0  # 2024-05-01T12:00:00Z


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T12:00:00Z",
        "2024-05-01T12:00:00.000Z",
        "2024-05-01T12:00:00.0000000Z",
        "2024-05-01T14:00:00+02:00",
        "2024-05-01 12:00:00,000",
        "2024-05-01 12:00:00",
        "2024/05/01 12:00:00",
        "20240501T120000Z",
        "01/May/2024:12:00:00 +0000",
        "Wed, 01 May 2024 12:00:00 GMT",
        "[2024-05-01T12:00:00Z]",
        "2024-05-01 08:00:00 -0400",
        "1714564800",
        "1714564800.0",
        "1714564800000",
        1_714_564_800,
        1_714_564_800_000_000,
        1.7145648e18,
    ],
)
def test_every_usual_form_of_a_time_is_the_same_moment(text: object) -> None:
    assert utc(text) == pytest.approx(NOON)


def test_a_fraction_of_a_second_is_kept() -> None:
    assert utc("2024-05-01T12:00:00.1234567Z") == pytest.approx(NOON + 0.1234567)
    assert iso(NOON + 0.123) == "2024-05-01T12:00:00.123Z"


@pytest.mark.parametrize(
    "text", ["", "now", "2024-13-01T00:00:00Z", "2024-05-01T12:00:99Z", "12", "0", "9" * 40, "x" * 70, None, True, []]
)
def test_what_is_no_time_is_none_and_never_now(text: object) -> None:
    assert utc(text) is None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("12.9ms", 12.9),
        ("12.9 ms", 12.9),
        (12.5, 12.5),
        ("12.5", 12.5),
        ("1500us", 1.5),
        ("1.5µs", 0.0015),
        ("20ns", 0.00002),
        ("2s", 2000.0),
        ("1.5 min", 90_000.0),
        ("1m30s", 90_000.0),
        ("1h", 3_600_000.0),
        ("0:00:01.5", 1500.0),
        ("02:30", 150_000.0),
        ("1e-3s", 1.0),
    ],
)
def test_durations_with_units_and_decimals(value: object, wanted: float) -> None:
    assert milliseconds(value) == pytest.approx(wanted)


@pytest.mark.parametrize(
    "value", ["-3ms", "fast", "", "3 parsecs", "1.2.3", True, None, float("nan"), -1, "5 apples 3"]
)
def test_what_is_no_duration_is_none(value: object) -> None:
    assert milliseconds(value) is None


def test_a_unit_by_default_is_used_for_bare_numbers_only() -> None:
    assert milliseconds("2", "s") == 2000
    assert milliseconds("2ms", "s") == 2


def test_lines_of_plain_and_packed_files_are_the_same(tmp_path: Path) -> None:
    text = b"one\r\n\ntwo\nthree"
    (tmp_path / "plain").write_bytes(text)
    (tmp_path / "packed").write_bytes(gzip.compress(text))
    for name in ("plain", "packed"):
        assert list(lines.lines(tmp_path / name, Counter())) == [b"one", b"two", b"three"]


def test_a_line_that_is_too_long_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    dropped: Counter[str] = Counter()
    (tmp_path / "log").write_bytes(b"one\n" + b"x" * (lines.LONGEST + lines.CHUNK * 3) + b"\ntwo\n")
    assert list(lines.lines(tmp_path / "log", dropped)) == [b"one", b"two"]
    assert dropped == {"line too long": 1}


def test_a_file_of_one_endless_line_holds_nothing(tmp_path: Path) -> None:
    dropped: Counter[str] = Counter()
    (tmp_path / "log").write_bytes(b"x" * (lines.LONGEST + lines.CHUNK * 2))
    assert list(lines.lines(tmp_path / "log", dropped)) == []
    assert dropped == {"line too long": 1}


def test_a_truncated_gzip_gives_what_was_good(tmp_path: Path) -> None:
    dropped: Counter[str] = Counter()
    body = "".join(json.dumps({"n": n, "x": n * n}) + "\n" for n in range(60_000)).encode()
    (tmp_path / "log").write_bytes(gzip.compress(body)[:-2000])
    found = list(lines.lines(tmp_path / "log", dropped))
    assert found[0] == b'{"n": 0, "x": 0}'
    assert dropped == {"broken gzip": 1}


def test_all_before_the_damage_of_a_gzip_is_read(tmp_path: Path) -> None:
    dropped: Counter[str] = Counter()
    whole = b"".join(b'{"n": %d}\n' % n for n in range(3_000))
    spoilt = bytearray(gzip.compress(whole, compresslevel=0) + gzip.compress(b"more\n"))
    spoilt[-15:-8] = b"\xff" * 7
    (tmp_path / "log").write_bytes(spoilt)
    assert b"\n".join(lines.lines(tmp_path / "log", dropped)) + b"\n" == whole
    assert dropped == {"broken gzip": 1}


def test_the_head_of_a_file_has_no_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\xef\xbb\xbfabc\n" * 100_000)
    assert lines.head(tmp_path / "log", 10)[:4] == b"abc\n"


def test_kinds_and_names_are_written_in_one_way() -> None:
    assert [kind(text) for text in ("BEAT_STARTED", "beat:completed", "Failed", "checkpoint")] == [
        "beat-started",
        "beat-completed",
        "error",
        "checkpoint",
    ]
    assert handler_name(" `pay()` ") == "pay"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ({"type": "ValueError", "message": "no"}, "ValueError: no"),
        ({"name": "E", "stack": "Traceback"}, "Traceback"),
        ({"code": 3}, "error"),
        ("boom", "boom"),
        ("", None),
        (True, "error"),
        (False, None),
    ],
)
def test_an_error_field_becomes_text(error: object, text: str | None) -> None:
    assert error_text(error) == text


def test_errors_that_differ_in_numbers_ids_and_paths_only_have_one_cause() -> None:
    first = cause_of("KeyError: order 17 of /srv/a/b.py at 0x7f01 (6f1c2d3e4a5b6c7d)")
    second = cause_of("KeyError: order 9214 of /home/x/y.py at 0x11 (0123456789abcdef)")
    assert first.key == second.key
    assert first.key != cause_of("ValueError: order 17").key
    assert normal_message("a  b\t7") == "a b N"


CHAIN = """Traceback (most recent call last):
  File "/app/shop/pay.py", line 10, in pay
    charge()
shop.errors.Denied: card 7

{middle}

Traceback (most recent call last):
  File "/app/shop/web.py", line 30, in view
    pay()
RuntimeError: request failed
"""


def test_of_a_direct_cause_the_first_exception_counts_else_the_last() -> None:
    meant = cause_of(CHAIN.format(middle="The above exception was the direct cause of the following exception:"))
    assert (meant.exception, meant.message) == ("shop.errors.Denied", "card 7")
    assert meant.frames == (("/app/shop/pay.py", 10, "pay"),)
    other = cause_of(CHAIN.format(middle="During handling of the above exception, another exception occurred:"))
    assert (other.exception, other.frames) == ("RuntimeError", (("/app/shop/web.py", 30, "view"),))
    assert cause_of("went wrong").exception == ""


def test_dialects_are_told_apart_by_their_beginning() -> None:
    beat = b'{"timestamp": "2024-05-01T12:00:00Z", "event": "beat-started", "handler": "a"}\n'
    text = b"2024-05-01 12:00:00 INFO handler=a duration=1.2ms\n"
    assert recognised(beat * 3)[0] == "beats"
    assert recognised(text * 3)[0] == "text"
    assert recognised(b"collecting ...\n1 passed\n") == ("", 0.0)
    assert recognised(b"") == ("", 0.0)
    assert {"beats", "text"} <= set(dialects())


USUAL = """2024-05-01 12:00:00,120 INFO shop.worker: handler=pay sequence=order execution=7 duration=12.9ms
2024-05-01T12:00:00.5Z handler=pay duration=3us
Traceback (most recent call last):
  File "/app/pay.py", line 3, in pay
ValueError: no 7
2024-05-01 12:00:01 ERROR: handler=pay duration=2ms
2024-05-01 12:00:01 WARNING pay: handler=pay sequence=order duration=1.5s
2024-05-01 12:00:02 worker: handler=pay, event: beat-started
noise
"""


def test_the_usual_lines_of_text_are_read_as_all_others(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(USUAL * 3, encoding="utf-8")
    quick = list(text.events(tmp_path / "log", Counter()))
    records = text._Records(Counter())
    assert quick == [*records.other((USUAL * 3).encode()), *records.begin(None)]
    assert [(one.event, one.handler, one.duration_ms) for one in quick[:5]] == [
        ("beat-completed", "pay", 12.9),
        ("error", "pay", pytest.approx(0.003)),
        ("beat-completed", "pay", 2.0),
        ("beat-completed", "pay", 1500.0),
        ("beat-started", "pay", None),
    ]


@pytest.mark.parametrize("text", ["2024-05-01 12:00:00", "2024-05-01 12:00:00,120", "2024-05-01T12:00:00.120"])
def test_a_time_without_a_zone_is_utc(text: str) -> None:
    told = Times().text(text)
    assert told is not None
    assert utc(told) == utc(text)
    assert Times().text("2024-05-01 12:00:00 +0200") == "2024-05-01T10:00:00.000000Z"
