"""Files of strangers: what is read, what is refused, and that the good part is used."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from bot.errors import Misconfigured
from bot.logs import diagnose
from bot.logs.intake import Reading, collect, member_of, read, whole
from bot.logs.limits import Bounds

SMALL = Bounds(
    line=100, log=2_000, head=500, members=3, member=5_000, archive=5_000, ratio=20, small=1_000, report=3_000
)
FAILED = b"FAILED tests/test_a.py::test_x - ValueError: no\n===== 1 failed, 2 passed in 0.12s =====\n"
PASSED = b"tests/test_errors.py ...  [100%]\n===== 3 passed in 0.12s =====\n"


def reading(tmp_path: Path, data: bytes, bounds: Bounds | None = None, name: str = "ci.log") -> Reading:
    """Write a file, read it, and return what came of it."""
    path = tmp_path / name
    path.write_bytes(data)
    return read([(name, path)], bounds)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_a_plain_log_is_read_whole(tmp_path: Path) -> None:
    found = reading(tmp_path, FAILED)
    assert [(one.name, one.data) for one in found.members] == [("ci.log", FAILED)]
    assert found.refused == []


def test_a_gzip_is_unpacked(tmp_path: Path) -> None:
    assert reading(tmp_path, gzip.compress(FAILED)).members[0].data == FAILED


def test_a_truncated_gzip_gives_its_good_part_and_says_so(tmp_path: Path) -> None:
    lines = b"".join(b"line %d of the log\n" % n for n in range(5_000))
    found = reading(tmp_path, gzip.compress(lines)[:-200])
    assert "damaged gzip" in found.refused[0]
    assert found.members == [] or lines.startswith(found.members[0].data[:1000])


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    found = reading(tmp_path, gzip.compress(b"0\n" * 5_000_000), SMALL)
    assert any("unpacks to too much" in line for line in found.refused)


def test_the_members_of_a_zip_are_logs_of_their_own(tmp_path: Path) -> None:
    found = reading(tmp_path, zipped({"0_test.txt": FAILED, "build/": b"", "../../etc/passwd": PASSED}), name="run.zip")
    assert [one.name for one in found.members] == ["run.zip!0_test.txt", "run.zip!../../etc/passwd"]
    assert not (tmp_path.parent.parent / "etc").exists()


def test_the_steps_of_a_job_are_read_only_without_its_whole_log(tmp_path: Path) -> None:
    steps = {"test (3.12)/2_Run pytest.txt": FAILED, "test (3.12)/system.txt": b"Waiting for a runner\n"}
    found = reading(tmp_path, zipped({"0_lint.txt": PASSED, "1_test (3.12).txt": FAILED, **steps}), name="run.zip")
    assert [one.name for one in whole(found.members)] == [
        "run.zip!0_lint.txt", "run.zip!1_test (3.12).txt", "run.zip!test (3.12)/system.txt"
    ]  # fmt: skip
    found = reading(tmp_path, zipped({"0_lint.txt": PASSED, **steps}), name="run.zip")
    assert "run.zip!test (3.12)/2_Run pytest.txt" in [one.name for one in whole(found.members)]


def test_steps_that_run_to_the_end_of_their_job_passed_together(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    steps = {"build/2_Run make.txt": b"##[group]Run make\n##[endgroup]\nmade\n", "build/9_Complete job.txt": b"made\n"}
    path.write_bytes(zipped(steps))
    assert diagnose([(path.name, path)]).verdict == "unknown"
    path.write_bytes(zipped({**steps, "build/9_Complete job.txt": b"Cleaning up orphan processes\n"}))
    assert diagnose([(path.name, path)]).verdict == "passed"


def test_a_job_that_was_cancelled_since_another_failed_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    cancelled = b"##[group]Run pytest\n##[endgroup]\n##[error]The operation was canceled.\n"
    path.write_bytes(zipped({"0_test (3.11).txt": cancelled, "1_test (3.12).txt": FAILED}))
    assert [one.klass for one in diagnose([(path.name, path)]).failures] == ["test-failure"]
    path.write_bytes(zipped({"0_test (3.11).txt": cancelled, "1_test (3.12).txt": cancelled}))
    assert {one.klass for one in diagnose([(path.name, path)]).failures} == {"timeout"}


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = zipped({"a.txt": FAILED})
    found = reading(tmp_path, zipped({"inner.zip": inner, "log.txt": PASSED, "b.gz": gzip.compress(FAILED)}))
    assert [one.name for one in found.members] == ["ci.log!log.txt"]
    assert sum("archive inside an archive" in line for line in found.refused) == 2


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": FAILED}))
    place = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, place + 8, 1)
    struct.pack_into("<H", data, data.index(b"PK\x03\x04") + 6, 1)
    assert reading(tmp_path, bytes(data)).refused == ["ci.log!a.txt is encrypted"]


def test_an_odd_method_is_refused(tmp_path: Path) -> None:
    found = reading(tmp_path, zipped({"a.txt": FAILED}, zipfile.ZIP_BZIP2))
    assert "method 12" in found.refused[0]


def test_a_zip_bomb_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    found = reading(tmp_path, zipped({"bomb.txt": b"0" * 500_000, "log.txt": PASSED}), SMALL)
    assert "looks like a bomb" in found.refused[0]
    assert [one.name for one in found.members] == ["ci.log!log.txt"]


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    lines = b"".join(b"%d\n" % n for n in range(3_000))
    found = reading(tmp_path, zipped({"a.txt": lines}, zipfile.ZIP_STORED), SMALL)
    assert any("unpacks to too much" in line for line in found.refused)


def test_an_archive_with_too_much_in_it_is_cut(tmp_path: Path) -> None:
    lines = {f"{n}.txt": b"".join(b"%d %d\n" % (n, m) for m in range(500)) for n in range(5)}
    found = reading(tmp_path, zipped(lines, zipfile.ZIP_STORED), SMALL)
    assert any("only the first 3 are read" in line for line in found.refused)
    assert any("holds more than 5000 bytes" in line for line in found.refused)


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    assert "damaged zip" in reading(tmp_path, zipped({"a.txt": FAILED})[:40]).refused[0]


def test_a_damaged_member_is_said_to_be(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": FAILED * 20}, zipfile.ZIP_STORED))
    data[60] ^= 0xFF
    assert "is damaged" in reading(tmp_path, bytes(data)).refused[0]


@pytest.mark.parametrize(("magic", "kind"), [(b"BZh9", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"(\xb5/\xfd", "zstd")])
def test_other_archives_are_named(tmp_path: Path, magic: bytes, kind: str) -> None:
    assert kind in reading(tmp_path, magic + b"x" * 50).refused[0]


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    found = reading(tmp_path, bytes(range(256)) * 40)
    assert found.members == []
    assert found.refused == ["ci.log is binary, not a log"]


def test_a_file_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no\.log cannot be read"):
        read([("no.log", tmp_path / "no.log")])


def test_a_long_line_is_shortened_and_counted() -> None:
    member, notes = collect("x", iter([b"a" * 1_000 + b"\nshort\n"]), SMALL)
    assert member.data == b"a" * 100 + b"\nshort\n"
    assert notes == ["x: 1 lines longer than 100 bytes were shortened"]


def test_a_line_without_an_end_is_bounded() -> None:
    member, _ = collect("x", (b"b" * 1_000 for _ in range(1_000)), SMALL)
    assert len(member.data) <= 101


def test_a_long_log_keeps_its_head_and_its_tail() -> None:
    lines = [b"line %d\n" % n for n in range(2_000)]
    member, notes = collect("x", iter(lines), SMALL)
    assert member.data.startswith(b"line 0\n")
    assert member.data.endswith(b"line 1999\n")
    assert len(member.data) <= 2_000 + 100
    assert member.cut_lines > 0
    assert "in the middle were left out" in notes[0]


def test_content_at_hand_is_bounded_like_a_file() -> None:
    assert member_of("x", FAILED).data == FAILED
    assert member_of("x", bytes(range(256)) * 40).data == b""


def test_a_report_is_read_whole_and_marked(tmp_path: Path) -> None:
    junit = b'<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="1"></testsuite></testsuites>'
    assert reading(tmp_path, junit).members[0].report
    assert not reading(tmp_path, FAILED).members[0].report


def said(tmp_path: Path, *logs: bytes) -> tuple[str, list[str | None]]:
    """Return the verdict and failing test ids of logs."""
    files = []
    for number, data in enumerate(logs):
        path = tmp_path / f"{number}.log"
        path.write_bytes(data)
        files.append((path.name, path))
    found = diagnose(files)
    return found.verdict, [one.test_id for one in found.failures]


FAILING = ("failed", ["tests/test_a.py::test_x"])


@pytest.mark.parametrize(
    "data",
    [
        FAILED,
        b"\xef\xbb\xbf" + FAILED,
        FAILED.replace(b"\n", b"\r\n"),
        FAILED.rstrip(b"\n"),
        b"".join(b"2026-02-28T19:08:35.7120194Z " + line + b"\n" for line in FAILED.splitlines()),
        b"".join(b"test\tRun pytest\t2026-02-28T19:08:35.7120194Z " + line + b"\n" for line in FAILED.splitlines()),
        b"".join(b"#10 18.23 " + line + b"\n" for line in FAILED.splitlines()),
        b"progress 10%\rprogress 100%\n" + FAILED,
        b"\x1b[31m" + FAILED.replace(b" - ", b"\x1b[0m - "),
        b"caf\xe9 \xff\xfe\n" + FAILED,
    ],
    ids=["plain", "bom", "crlf", "no end", "times", "job and step", "buildx", "progress", "ansi", "not utf-8"],
)
def test_a_failure_is_seen_through_its_wrapping(tmp_path: Path, data: bytes) -> None:
    assert said(tmp_path, data) == FAILING


@pytest.mark.parametrize(
    "data",
    [
        PASSED,
        b"ERROR: this is what the program logs when all is well\nTraceback of a test that expects one\n" + PASSED,
        b"WARNING: failed to find a cache, going on\n0 errors, 0 failed\n" + PASSED,
        b"test_failed_login PASSED\ntest_error_page PASSED\n" + PASSED,
    ],
    ids=["plain", "error lines", "warnings", "frightening names"],
)
def test_a_passing_log_passes_whatever_it_says(tmp_path: Path, data: bytes) -> None:
    assert said(tmp_path, data) == ("passed", [])


def test_several_logs_are_judged_together(tmp_path: Path) -> None:
    assert said(tmp_path, PASSED, FAILED, FAILED) == FAILING


def test_a_log_that_says_nothing_is_unknown(tmp_path: Path) -> None:
    assert said(tmp_path, b"hello\nworld\n") == ("unknown", [])
    assert said(tmp_path, b"") == ("unknown", [])


def test_the_excerpt_is_bounded_and_holds_the_failure(tmp_path: Path) -> None:
    path = tmp_path / "ci.log"
    noise = b"".join(
        b"2026-01-01 step %d did something that takes a whole long line to tell\n" % n for n in range(20_000)
    )
    path.write_bytes(noise + FAILED + noise)
    found = diagnose([("ci.log", path)])
    assert len(found.excerpt) <= 20_000
    assert "tests/test_a.py::test_x" in found.excerpt


def test_failures_of_one_cause_share_a_key(tmp_path: Path) -> None:
    path = tmp_path / "ci.log"
    lines = [b"FAILED tests/test_a.py::test_%d - KeyError: 'user %d'\n" % (n, n) for n in range(3)]
    path.write_bytes(b"".join(lines) + b"===== 3 failed in 0.1s =====\n")
    found = diagnose([("ci.log", path)])
    assert len(found.failures) == 3
    assert len({one.cause_key for one in found.failures}) == 1


def test_the_part_of_a_gzip_file_before_its_damage_is_read(tmp_path: Path) -> None:
    content = b"".join(b"line %d FAILED tests/test_a.py::test_%d\n" % (n, n) for n in range(20_000))
    packed = gzip.compress(content)
    for name, data in {"cut": packed[: len(packed) // 2], "crc": packed[:-8] + bytes(8)}.items():
        (tmp_path / name).write_bytes(data)
        reading = read([(name, tmp_path / name)])
        assert "is a damaged gzip file: read up to byte" in reading.refused[0]
        assert content.startswith(reading.members[0].data)
        assert len(reading.members[0].data) > len(content) * (0.4 if name == "cut" else 0.97)


def test_gzip_files_in_a_row_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "two.gz").write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n") + bytes(100))
    reading = read([("two", tmp_path / "two.gz")])
    assert (reading.members[0].data, reading.refused) == (b"one\ntwo\n", [])


def test_numbers_too_long_to_be_lines_and_masses_of_findings_are_survived(tmp_path: Path) -> None:
    nines = "9" * 6_000
    text = f"FAILED a.py::t\nsrc/a.py:{nines}: error: x\nProcess completed with exit code {nines}\n"
    many = "".join(f"FAILED tests/test_{n}.py::test_x - Err\n" for n in range(5_200))
    steps = "##[group]Run x\n##[error]Process completed with exit code 1.\n" * 600
    for name, content in {"nines": text, "many": many, "steps": steps}.items():
        (tmp_path / name).write_text(content)
    assert diagnose([("nines", tmp_path / "nines")]).verdict == "failed"
    found = diagnose([("many", tmp_path / "many")])
    assert (len(found.failures), found.not_understood) == (5_000, ("many: 200 lines that tell alike are left out",))
    assert diagnose([("steps", tmp_path / "steps")]).verdict == "failed"
