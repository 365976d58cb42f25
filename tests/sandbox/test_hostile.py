"""Code that means harm: it is contained, over in time, and leaves nothing behind. All amounts are kept small."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters import sandbox_bubblewrap, sandbox_cgroup, sandbox_hosted_base
from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_cgroup import parents
from bot.adapters.sandbox_janitor import sweep
from bot.ports import Done, Job, Limits
from bot.scratch import PREFIX, claim, orphaned, owned_name

SMALL = Limits(seconds=4.0, memory_mb=150, disk_mb=20, processes=40, output_bytes=1_000_000)
GRACE = 2.0


def alive(mark: str) -> list[str]:
    """Return the processes of this machine that carry a mark in their command line."""
    found = []
    for name in os.listdir("/proc"):
        try:
            text = Path("/proc", name, "cmdline").read_bytes() if name.isdigit() else b""
        except OSError:
            continue
        if mark.encode() in text and int(name) != os.getpid():
            found.append(name)
    return found


def left_behind() -> set[str]:
    """Return the folders and control groups of runs that are there right now."""
    places = [Path(tempfile.gettempdir()), *parents().values()]
    return {str(path) for place in places for path in place.glob(f"{PREFIX}*-{os.getpid()}-*")}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whatever a test did, nothing of it is left."""
    before = left_behind()
    yield
    assert left_behind() == before


def run(sandbox: BaseSandbox, code: str, tree: Path, limits: Limits = SMALL) -> Done:
    """Run some Python and check that it is over within its limit and a grace."""
    began = time.monotonic()
    done = sandbox.run(Job(("python", "-c", code), tree, limits=limits))
    assert time.monotonic() - began < limits.seconds + GRACE
    return done


@pytest.fixture(params=["cgroup", "no cgroup"])
def control(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With control groups where there are any, and without."""
    if request.param == "no cgroup":
        monkeypatch.setattr(sandbox_cgroup, "parents", dict)
    elif set(parents()) != {"memory", "pids"}:
        pytest.skip("NO CONTROL GROUPS CAN BE MADE HERE")
    return str(request.param)


def test_a_loop_that_ignores_every_signal_is_over_at_its_limit(sandbox: BaseSandbox, tree: Path) -> None:
    code = (
        "import signal\nfor number in range(1, 32):\n"
        "    if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\nprint('deaf', flush=True)\nwhile 1: pass"
    )
    done = run(sandbox, code, tree, Limits(seconds=0.7))
    assert (done.timed_out, done.stopped, done.output) == (True, "time", b"deaf\n")


def test_output_without_end_is_cut(sandbox: BaseSandbox, tree: Path) -> None:
    done = run(sandbox, "while 1: print('x' * 100_000)", tree)
    assert (done.truncated, done.stopped, len(done.output)) == (True, "output", SMALL.output_bytes)


def test_memory_is_bounded(sandbox: BaseSandbox, tree: Path, control: str) -> None:
    done = run(sandbox, "import time; hog = bytearray(900 << 20); time.sleep(9)", tree)
    assert done.stopped == "memory" or b"MemoryError" in done.output


def test_memory_in_many_small_processes_is_bounded(sandbox: BaseSandbox, tree: Path, control: str) -> None:
    code = (
        "import os, time\nfor _ in range(8):\n"
        "    if os.fork() == 0: hog = bytearray(b'x') * (60 << 20); time.sleep(1)\ntime.sleep(1)"
    )
    done = run(sandbox, code + "\nprint('survived')", tree)
    assert done.stopped == "memory" or control == "cgroup"  # there the kernel kills one by one


def test_processes_are_bounded(sandbox: BaseSandbox, tree: Path, control: str) -> None:
    code = (
        "import os, time\nmade = 0\ntry:\n    while made < 400:\n        if os.fork() == 0: time.sleep(9)\n"
        "        made += 1\nexcept OSError: pass\nprint(made)"
    )
    done = run(sandbox, code, tree, replace(SMALL, memory_mb=4000))  # so that no other bound is met first
    assert done.stopped == "processes" or int(done.output) <= SMALL.processes + 5


@pytest.mark.parametrize("where", ["'.'", "os.environ['TMPDIR']", "'/dev/shm'"])
def test_the_disk_is_bounded(sandbox: BaseSandbox, tree: Path, where: str) -> None:
    if sandbox.level == "trusted" and "shm" in where:
        pytest.skip("THE TRUSTED LEVEL DOES NOT BOUND SHARED MEMORY, and does not claim to")
    code = (
        f"import os\nwhere, total = {where}, 0\n"
        "try:\n    for i in range(100):\n        with open(f'{where}/fill{i}', 'wb', buffering=0) as file:\n"
        "            total += file.write(bytes(5_000_000))\nexcept OSError: pass\nprint(total)"
    )
    done = run(sandbox, code, tree)
    assert done.stopped == "disk" or int(done.output) <= 300_000_000


def test_one_large_file_is_refused(sandbox: BaseSandbox, tree: Path) -> None:
    code = "open('big', 'wb').truncate(30 << 20)"
    assert b"File too large" in run(sandbox, code, tree).output


def test_countless_empty_files_are_noticed(sandbox: BaseSandbox, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_bubblewrap, "_MOST_ENTRIES", 300)
    monkeypatch.setattr(sandbox_hosted_base, "_MOST_ENTRIES", 300)
    code = "import time\nfor i in range(900): open(f'e{i}', 'w').close()\ntime.sleep(9)"
    assert run(sandbox, code, tree).stopped == "disk"


DAEMON = (
    "import os, sys\n"
    "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
    "os.close(0); os.close(1); os.close(2)\nos.execv(sys.executable, [sys.executable, '-c', "
    "'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)', '{mark}'])"
)


def test_a_daemon_does_not_outlive_its_run(sandbox: BaseSandbox, tree: Path) -> None:
    mark = secrets.token_hex(8)
    code = DAEMON.replace("os._exit(0)", "time.sleep(0.3), os._exit(0)", 1).replace("import os", "import time, os", 1)
    assert run(sandbox, code.format(mark=mark), tree).exit_code == 0
    assert alive(mark) == []


def test_a_daemon_does_not_outlive_a_session(sandbox: BaseSandbox, tree: Path) -> None:
    mark = secrets.token_hex(8)
    code = DAEMON.replace("if os.fork(): os._exit(0)", "if os.fork():\n    print('gone', flush=True); input()", 1)
    with sandbox.session(Job(("python", "-c", code.format(mark=mark)), tree)) as talk:
        assert talk.receive(10.0) == b"gone"
    assert alive(mark) == []


def test_a_family_that_keeps_forking_is_ended(sandbox: BaseSandbox, tree: Path) -> None:
    mark = secrets.token_hex(8)
    code = (
        "import os, sys, time\nfor _ in range(3): os.fork()\n"
        "while 1:\n    try:\n        if os.fork(): os._exit(0)\n    except OSError: time.sleep(0.01)\n"
    )
    done = run(sandbox, code + f"# {mark}", tree, Limits(seconds=0.7, processes=40))
    assert done.timed_out or done.exit_code == 0
    assert alive(mark) == []


BOT = """
import sys
from pathlib import Path
from bot.ports import Job, Limits
from tests.sandbox.conftest import _make
code = "import os, subprocess, sys, time; print('up', flush=True); subprocess.Popen([sys.executable, '-c', "
code += "'import os, time; os.setsid(); time.sleep(60)', '{mark}']); time.sleep(60)"
with _make({level!r}).session(Job(("python", "-u", "-c", code, "{mark}"), Path({tree!r}))) as talk:
    print(talk.receive(20.0), flush=True)
    talk.receive(60.0)
"""


def test_killing_the_bot_ends_its_runs_and_the_next_start_removes_the_rest(sandbox: BaseSandbox, tree: Path) -> None:
    mark = secrets.token_hex(8)
    code = BOT.format(mark=mark, level=sandbox.level, tree=str(tree))
    bot = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert bot.stdout is not None
    assert bot.stdout.readline() == b"b'up'\n"
    time.sleep(0.1)
    bot.send_signal(signal.SIGKILL)
    bot.wait()
    bot.stdout.close()
    end = time.monotonic() + GRACE
    while alive(mark) and time.monotonic() < end:
        time.sleep(0.02)
    assert alive(mark) == []
    sweep()
    places = [Path(tempfile.gettempdir()), *parents().values()]
    assert [path for place in places for path in place.glob(f"{PREFIX}*-{bot.pid}-*")] == []


ZYGOTE = """
import os, sys, threading
from pathlib import Path
from bot.ports import Job
from bot.scratch import scratch
from tests.sandbox.conftest import _make
sandbox = _make({level!r})
code = "import os, time; os.fork(); time.sleep(60)"
job = Job(("python", "-c", code, "{mark}"), Path({tree!r}), files={{"f": b"x" * 100_000}})
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        with scratch() as folder:
            (folder / "tree").mkdir()
            sandbox.run(job)
    print(child, flush=True)
    os.waitpid(child, 0)
"""
KILLS = 12


def test_a_bot_killed_at_any_moment_leaves_nothing_after_the_next_start(best: BaseSandbox, tree: Path) -> None:
    mark, mounts = secrets.token_hex(8), Path("/proc/self/mountinfo").read_text()
    code = ZYGOTE.format(mark=mark, level=best.level, tree=str(tree))
    here = Path(__file__).parents[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], cwd=here, text=True, bufsize=1, **pipes) as zygote:
        assert zygote.stdin is not None
        assert zygote.stdout is not None
        killed = []
        for number in range(KILLS):
            zygote.stdin.write("\n")
            killed.append(int(zygote.stdout.readline()))
            time.sleep(number * 0.012)  # from before bubblewrap starts until the job runs
            os.kill(killed[-1], signal.SIGKILL)
        zygote.stdin.close()
    end = time.monotonic() + GRACE
    while alive(mark) and time.monotonic() < end:
        time.sleep(0.02)
    sweep()
    assert alive(mark) == []
    places = [Path(tempfile.gettempdir()), *parents().values()]
    assert [path for place in places for pid in killed for path in place.glob(f"{PREFIX}*-{pid}-*")] == []
    assert Path("/proc/self/mountinfo").read_text() == mounts


def test_the_janitor_ends_what_still_runs_in_an_orphaned_folder(tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # type: ignore[attr-defined]
    space, _, _, number = owned_name().removeprefix(PREFIX).split("-")
    orphan = tmp_path / f"{PREFIX}{space}-{os.getpid()}-1-{number}"  # our id, but another's start time
    (orphan / "tree" / "shut").mkdir(parents=True)
    (orphan / "tree" / "shut").chmod(0)
    kept = tmp_path / owned_name()
    kept.mkdir()
    (tmp_path / f"{PREFIX}else").mkdir()
    process = subprocess.Popen(["sleep", "60"], env={"SELFHEAL_BOX": f"{orphan}/box"})
    assert str(orphan) in sweep()
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert not orphan.exists()
    assert kept.exists()
    assert (tmp_path / f"{PREFIX}else").exists()


def test_what_another_container_uses_is_told_by_its_lock(tmp_path: Path) -> None:
    folder = tmp_path / f"{PREFIX}1-2-3-4"
    folder.mkdir()
    assert not orphaned(str(folder))  # too young to tell
    os.utime(folder, (1.0, 1.0))
    lock = claim(str(folder))
    assert not orphaned(str(folder))
    os.close(lock)
    assert orphaned(str(folder))
    assert not orphaned(str(tmp_path / f"{PREFIX}1-2-3-5"))


def test_a_group_that_stays_busy_does_not_hold_up_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_cgroup, "_REMOVE_SECONDS", 0.05)
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / "cgroup.procs").write_text(f"{process.pid}\n0999999\n")
    sandbox_cgroup.remove(tmp_path)
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert tmp_path.exists()
