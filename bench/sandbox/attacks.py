"""What a hostile repository may do beyond the quick probes, and the judgement on what came of it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.sandbox import payloads
from bot.adapters.sandbox_base import BaseSandbox
from bot.ports import Done, Job, Limits

GRACE = 2.0
LIMITS = Limits(seconds=5.0, memory_mb=200, disk_mb=40, processes=64, output_bytes=5_000_000)
SHORT = Limits(seconds=2.0, memory_mb=200, disk_mb=40, processes=64)
Judge = Callable[[Done, str], tuple[bool, str]]


@dataclass(frozen=True)
class Result:
    """What came of one attack: whether it was contained, and what was seen."""

    name: str
    contained: bool
    seen: str


@dataclass(frozen=True)
class Attack:
    """Some code to run, and the judge of what it did; `{mark}` in the code becomes a text to find it by."""

    name: str
    code: str
    judge: Judge
    limits: Limits = LIMITS
    files: dict[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ()


def alive(mark: str) -> int:
    """Return how many processes of this machine carry a mark in their command line."""
    found = 0
    for name in os.listdir("/proc"):
        try:
            text = Path("/proc", name, "cmdline").read_bytes() if name.isdigit() else b""
        except OSError:
            continue
        found += mark.encode() in text and int(name) != os.getpid()
    return found


def _wrote(most: int) -> Judge:
    def judge(done: Done, mark: str) -> tuple[bool, str]:
        if done.stopped == "disk":
            return True, "killed: disk"
        wrote = int(done.output or b"0") >> 20
        return wrote <= most, f"stopped at {wrote} MB"

    return judge


def _killed(*reasons: str) -> Judge:
    def judge(done: Done, mark: str) -> tuple[bool, str]:
        return done.stopped in reasons, f"killed: {done.stopped or 'not'}, {done.seconds:.2f} s"

    return judge


def _memory(done: Done, mark: str) -> tuple[bool, str]:
    refused = b"MemoryError" in done.output
    return refused or done.stopped == "memory", "MemoryError" if refused else f"killed: {done.stopped or 'not'}"


def _forks(done: Done, mark: str) -> tuple[bool, str]:
    if done.stopped:
        return done.stopped in ("processes", "memory"), f"killed: {done.stopped}"
    made = int(done.output.split()[-1])
    return made <= LIMITS.processes, f"stopped at {made} processes"


def _gone(done: Done, mark: str) -> tuple[bool, str]:
    left = alive(mark)
    return left == 0, f"{left} survivors"


def _denied(done: Done, mark: str) -> tuple[bool, str]:
    said = done.output.decode(errors="replace").strip()
    return "GOT" not in said and "tried" in said, said[-60:]


ATTACKS = (
    Attack("fill shared memory", payloads.fill("'/dev/shm'"), _wrote(64)),
    Attack("fill the temporary folder", payloads.fill("os.environ['TMPDIR']"), _wrote(256)),
    Attack("fill the tree", payloads.fill("'.'"), _wrote(48)),
    Attack("write one file of 400 MB", payloads.LARGE_FILE, _denied),
    Attack("make empty files without end", payloads.EMPTY_FILES, _killed("disk", "time")),
    Attack("allocate 4.8 GB", payloads.HOG, _memory),
    Attack("fork 2,000 times", payloads.FORKS, _forks),
    Attack("fork without end", payloads.BOMB, _killed("time", "processes", "memory"), SHORT),
    Attack("print 1 GB", payloads.FLOOD, _killed("output")),
    Attack("loop and ignore every signal", payloads.DEAF, _killed("time"), SHORT),
    Attack("burn the processor in threads", payloads.BURN, _killed("time"), SHORT),
    Attack("leave a daemon", payloads.DAEMON, _gone),
    Attack("hunt for keys", payloads.HUNT, _denied),
    Attack("follow a link out of the tree", payloads.LINK, _denied),
    Attack("write outside from setup.py", "", _denied, LIMITS, {"setup.py": payloads.SETUP}, ("python", "setup.py")),
    Attack("run a hook of the repository", "print('tried')", _denied, files=payloads.HOOKS),
)


def attempt(sandbox: BaseSandbox, attack: Attack, folder: Path) -> Result:
    """Run one attack in a tree of its own and return what came of it; over time counts as not contained."""
    mark = secrets.token_hex(8)
    tree = folder / mark
    tree.mkdir()
    for name, text in attack.files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text.replace("{mark}", mark))
    argv = attack.argv or ("python", "-c", attack.code.replace("{mark}", mark))
    began = time.monotonic()
    done = sandbox.run(Job(argv, tree, limits=attack.limits))
    late = time.monotonic() - began - attack.limits.seconds
    contained, seen = attack.judge(done, mark)
    return Result(attack.name, contained and late < GRACE, seen + (f", {late:.1f} s late" if late >= GRACE else ""))


def kill_the_bot(sandbox: BaseSandbox, folder: Path) -> Result:
    """Kill a bot with SIGKILL while its sandbox runs, and see what survives a grace."""
    mark = secrets.token_hex(8)
    code = payloads.BOT.format(mark=mark, level=sandbox.level, tree=str(folder))
    bot = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    if bot.stdout is not None:
        bot.stdout.readline()
    bot.send_signal(signal.SIGKILL)
    bot.communicate()
    began = time.monotonic()
    while alive(mark) and time.monotonic() - began < GRACE:
        time.sleep(0.01)
    left = alive(mark)
    return Result("outlive a bot that is killed", left == 0, f"{left} survivors after {time.monotonic() - began:.2f} s")
