"""The sandbox's parts by themselves: the filter, the ladder, the probes, control groups."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from bot import scratch
from bot.adapters import (
    sandbox,
    sandbox_cgroup,
    sandbox_launcher,
    sandbox_layout,
    sandbox_probes,
    sandbox_processes,
    sandbox_seccomp,
)
from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_bubblewrap import Bubblewrap
from bot.adapters.sandbox_gather import matches
from bot.adapters.sandbox_landlock import Landlock
from bot.adapters.sandbox_none import NoSandbox
from bot.adapters.sandbox_probes import ProbeResult, explain, probe
from bot.adapters.sandbox_profile import Shape
from bot.adapters.sandbox_trusted import Trusted
from bot.errors import Refused
from bot.ports import Job, Limits

ALLOW, X86, ARM = 0x7FFF0000, 0xC000003E, 0xC00000B7


def verdict(code: bytes, arch: int, number: int, *arguments: int) -> int:
    """Run a classic BPF program on one system call and return its answer."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *(*arguments, *[0] * (6 - len(arguments))))
    program = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    place, register = 0, 0
    while True:
        op, yes, no, value = program[place]
        place += 1
        if op == 0x20:
            (register,) = struct.unpack_from("=I", data, value)
        elif op == 0x06:
            return value
        else:
            holds = {0x15: register == value, 0x35: register >= value, 0x45: bool(register & value)}[op]
            place += yes if holds else no


@pytest.mark.parametrize(
    ("number", "arguments", "error"),
    [
        (0, (), None),  # read
        (59, (), None),  # execve
        (165, (), 1),  # mount
        (272, (), 1),  # unshare
        (101, (), 1),  # ptrace
        (425, (), 1),  # io_uring_setup
        (435, (), 38),  # clone3
        (0x40000000, (), 38),  # the x32 numbers
        (56, (0x01200011,), None),  # a fork
        (56, (0x3D0F00,), None),  # a thread
        (56, (0x10000011,), 1),  # a user namespace
        (56, (0x00020011,), 1),  # a mount namespace
        (41, (1, 1), None),  # a unix socket
        (41, (2, 1), None),  # an internet socket
        (41, (10, 2), None),
        (41, (16, 3), 97),  # netlink
        (41, (38, 5), 97),  # alg
        (53, (1, 1), None),  # socketpair
        (16, (0, 0x5401), None),  # what isatty asks
        (16, (0, 0x5412), 1),  # TIOCSTI
    ],
)
def test_the_filter_on_this_kind_of_processor(number: int, arguments: tuple[int, ...], error: int | None) -> None:
    code = sandbox_seccomp.program(machine="x86_64")
    assert verdict(code, X86, number, *arguments) == (ALLOW if error is None else 0x50000 | error)


def test_the_filter_without_sockets_and_on_other_processors() -> None:
    code = sandbox_seccomp.program(sockets=False, machine="x86_64")
    assert verdict(code, X86, 41, 1, 1) == 0x50001
    assert verdict(code, X86, 53, 1, 1) == ALLOW
    assert verdict(code, 0x40000003, 0) == 0x50000 | 38  # 32-bit calls
    arm = sandbox_seccomp.program(machine="aarch64")
    assert verdict(arm, ARM, 40) == 0x50001
    assert verdict(arm, ARM, 63) == ALLOW
    assert verdict(arm, ARM, 220, 0x10000011) == 0x50001
    assert verdict(arm, ARM, 198, 16, 3) == 0x50000 | 97
    with pytest.raises(KeyError):
        sandbox_seccomp.program(machine="vax")


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.py", "*.py", True),
        ("d/a.py", "*.py", False),
        ("d/a.py", "**/*.py", True),
        ("a.py", "**/*.py", True),
        ("d/e/a.py", "d/**", True),
        ("d/e/a.py", "d/*/a.py", True),
        ("d/e/a.py", "d/a.py", False),
        ("d", "d/**/x", False),
    ],
)
def test_patterns(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, pattern) is expected


def test_every_needed_probe_is_blocked_where_code_is_confined(confined: BaseSandbox) -> None:
    results = probe(confined)
    assert len(results) > 30
    assert [result.name for result in results if not result.blocked and result.needed] == []
    assert explain(results) == ""


def test_the_probes_find_the_holes_there_are() -> None:
    """The control: without a sandbox the same attempts get through."""
    results = {result.name: result for result in probe(Trusted(), skip=("reach the metadata address",))}
    for name in ("read a key file", "connect to loopback", "send a datagram", "connect to an abstract socket"):
        assert not results[name].blocked, name
    assert "reach the metadata address" not in results
    assert "read a key file" in explain(tuple(results.values()))


def test_a_sandbox_that_can_not_run_the_probes_says_why() -> None:
    (result,) = probe(Bubblewrap("false"))
    assert (result.blocked, result.name) == (False, "run a program")
    assert "did not start" in result.seen


def test_probes_that_come_to_no_end_prove_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(sandbox_probes.sandbox_probe_script, "__file__", str(tmp_path / "script.py"))
    (result,) = probe(Landlock())
    assert "the probes ended with" in result.seen


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6])
def test_landlock_of_every_age(tmp_path: Path, abi: int) -> None:
    """Older kernels are played by asking for no more than they knew."""
    if sandbox_launcher.landlock_abi() < abi:
        pytest.skip(f"LANDLOCK {abi} IS NOT THERE")
    (tmp_path / "in").mkdir()
    (tmp_path / "out").write_text("secret")
    code = (
        f"from bot.adapters import sandbox_launcher as own\nown.landlock_abi = lambda: {abi}\n"
        "own._libc.prctl(38, 1, 0, 0, 0)\n"
        f"own._restrict(['/usr', {str(tmp_path / 'missing')!r}, '/dev/zero'], [{str(tmp_path / 'in')!r}])\n"
        f"open({str(tmp_path / 'in' / 'x')!r}, 'w').write('mine')\n"
        f"open({str(tmp_path / 'out')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=Path(__file__).parents[2], check=False)
    assert f"PermissionError: [Errno 13] Permission denied: '{tmp_path / 'out'}'" in done.stderr.decode()
    assert (tmp_path / "in" / "x").read_text() == "mine"


def test_the_ladder_takes_the_strongest_level_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def holes(candidate: BaseSandbox) -> tuple[ProbeResult, ...]:
        blocked = candidate.level == "landlock"
        return (ProbeResult("read a key file", blocked, "SECRET"), ProbeResult("signal", False, "", needed=False))

    monkeypatch.setattr(sandbox, "break_out", holes)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: "/usr/bin/bwrap")
    monkeypatch.setattr(sandbox, "landlock_abi", lambda: 7)
    monkeypatch.setattr(sandbox, "supported", lambda: True)
    found = sandbox.self_test()
    assert found.level == "landlock"
    assert found.why[0] == "bubblewrap: read a key file (SECRET)"
    assert found.explained() == (
        "level landlock, 1 of 2 attempts to break out blocked; not blocked: signal ();"
        " bubblewrap: read a key file (SECRET); bubblewrap-noproc: read a key file (SECRET)"
    )
    assert sandbox.pick(known=found).level == "landlock"


def test_without_any_level_nothing_runs_unless_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    monkeypatch.setattr(sandbox, "landlock_abi", lambda: 0)
    none = sandbox.pick()
    assert none.level == "none"
    for use in (none.run, none.session):
        with pytest.raises(Refused, match="bubblewrap: it is not installed; landlock: this kernel has none") as caught:
            use(Job(("true",), tmp_path))
        assert "bubblewrap" in caught.value.hint
    assert sandbox.pick(trust=True).level == "trusted"
    (report,) = sandbox.probe()
    assert (report.blocked, report.name) == (False, "sandbox level none")
    monkeypatch.setattr(sandbox, "landlock_abi", lambda: 7)
    monkeypatch.setattr(sandbox, "supported", lambda: False)
    assert sandbox.self_test().explained().endswith("known for this processor")


def test_the_report_for_people_names_the_level_first(best: BaseSandbox) -> None:
    report = sandbox.probe()
    assert report[0] == ProbeResult("sandbox level bubblewrap", True, "")
    assert all(result.blocked for result in report)
    assert isinstance(sandbox.pick(), Bubblewrap)
    assert isinstance(sandbox.pick(known=sandbox.SelfTest("bubblewrap", "bwrap", Shape())), Bubblewrap)


def test_control_groups_of_both_versions(tmp_path: Path) -> None:
    group = sandbox_cgroup.Group(memory=tmp_path, pids=tmp_path)
    assert not group.starved()
    assert group.memory_mb() == 0
    (tmp_path / "memory.oom_control").write_text("under_oom 0\noom_kill 2\n")
    (tmp_path / "memory.stat").write_text("cache 1\ntotal_rss 5242880\n")
    assert group.starved()
    assert group.memory_mb() == 5
    (tmp_path / "memory.events").write_text("low 0\noom_kill 0\n")
    (tmp_path / "memory.stat").write_text("anon 3145728\n")
    assert not group.starved()
    assert group.memory_mb() == 3
    group.add(12)
    assert (tmp_path / "cgroup.procs").read_text() == "12"
    nothing = sandbox_cgroup.Group()
    assert (nothing.starved(), nothing.memory_mb()) == (False, 0)


def test_where_groups_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox_cgroup, "_ROOT", tmp_path)
    assert sandbox_cgroup._places("pids", {"pids": "/a", "": "/b"}) == [tmp_path / "pids" / "a", tmp_path / "pids"]
    assert sandbox_cgroup._places("pids", {"": "/b"}) == [tmp_path / "b", tmp_path]
    assert sandbox_cgroup._places("memory", {}) == [tmp_path]
    assert not sandbox_cgroup._usable(tmp_path, "pids")
    assert not sandbox_cgroup._usable(tmp_path / "missing", "pids")


def test_older_kernels_count_all_processes_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for release, apart in (("5.4.0-150-generic", False), ("5.14.0", True), ("6.18-rc1", True)):
        monkeypatch.setattr(sandbox_processes.platform, "release", lambda release=release: release)
        assert (sandbox_processes.process_bound(50) == 50) is apart
        assert sandbox_processes.process_bound(50, shared=True) > 50


def test_a_process_that_is_gone_has_no_start() -> None:
    assert scratch.start_time(2**22 + 1) == 0
    assert sandbox_processes.count(2**22 + 1) == 0


def test_a_tool_of_the_bot_is_found_beside_its_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert sandbox_layout.bundled("ruff").endswith("/ruff")
    assert sandbox_layout.bundled("rm") == ""
    monkeypatch.setattr(sandbox_layout.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sandbox_layout.shutil, "which", lambda name: None)
    assert sandbox_layout.bundled("ruff") == ""


def test_limits_never_ask_for_more_than_we_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_processes.resource, "getrlimit", lambda kind: (64, 64))
    assert set(sandbox_processes.rlimits(Limits(), memory=True).values()) == {0, 64}


def test_nothing_runs_at_none(tmp_path: Path) -> None:
    assert NoSandbox("why").level == "none"
