"""Starts one job on machines without namespaces, and outlives it so that nothing it started does.

Run as a script in a fresh interpreter (`python -I -S`), standard library only: `sandbox_launcher.py FD`, where FD
is a marshalled dict with argv, env, cwd, folder, limits, parent, status, and optionally landlock and seccomp.
All orphans of the job become children of this process, which kills them when the job ends, when it is told to
(SIGTERM), and when its own parent dies.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import signal
import sys
import time

TYPE_CHECKING = False  # `typing` and other modules cost milliseconds of every start, so they stay out
if TYPE_CHECKING:
    from typing import Any

_PDEATHSIG, _SUBREAPER, _NO_NEW_PRIVS, _SECCOMP, _CAPBSET_DROP = 1, 36, 38, 22, 24
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
# Rights by the Landlock ABI that brought them (linux/landlock.h).
_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read file, read directory
_ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_FILE_ONLY = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
_NET, _SCOPES = 3, 3  # bind and connect TCP (ABI 4); abstract sockets and signals (ABI 6)

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("fd", ctypes.c_int32)]


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def _must(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def landlock_abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 when it has none or it is off."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def _restrict(read: list[str], write: list[str]) -> None:
    """Let this process reach only what lies below `read` and `write`, and no TCP; raises `OSError`."""
    abi = landlock_abi()
    if abi < 1:
        raise OSError("this kernel has no Landlock")
    rights = _ALL[min(abi, 5)]
    rules = _Ruleset(rights, _NET if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _must(_libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0), "landlock")
    for paths, access in ((read, _READ), (write, rights)):
        for path in paths:
            _allow(ruleset, path, access & rights)
    _must(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        access &= _FILE_ONLY
    rule = _Beneath(access, descriptor)
    _must(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0), "landlock_add_rule")
    os.close(descriptor)


def _drop_capabilities() -> None:
    """Give up root's powers for good; without any there is nothing to give up and nothing fails."""
    for capability in range(64):
        if _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _libc.capset(header, (ctypes.c_uint32 * 6)())


def _filter_calls(code: bytes) -> None:
    program = _Filter(len(code) // 8, code)
    _must(_libc.prctl(_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def _become(job: dict[str, Any]) -> None:
    """Turn this process into the job, with everything it may not do already forbidden."""
    _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(job["cwd"])
    for kind, bound in job["limits"].items():
        resource.setrlimit(int(kind), (bound, bound))
    _must(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if "landlock" in job:
        _restrict(job["landlock"]["read"], job["landlock"]["write"])
        _drop_capabilities()
    if "seccomp" in job:
        _filter_calls(bytes.fromhex(job["seccomp"]))
    os.execvpe(job["argv"][0], job["argv"], job["env"])  # noqa: S606 - no shell, on purpose


def _parents() -> dict[int, int]:
    """Return the parent of every living process of the machine."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                found[int(name)] = int(fields[1])
    return found


def _below() -> set[int]:
    """Return all living processes below this one."""
    parents = _parents()
    found: set[int] = set()
    level = {os.getpid()}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level} - found
        found |= level
    return found


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _reap() -> dict[int, int]:
    """Collect all children that have ended; return their wait status by process id."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def _end_all(child: int) -> None:
    """Kill everything below: the job's group at one stroke, then what has left it, stopped first so it can't fork."""
    if child:
        _signal_all({-child}, signal.SIGKILL)
    for _ in range(200):
        pids = _below()
        if not pids:
            _reap()
            return
        _signal_all(pids, signal.SIGSTOP)
        _signal_all(pids, signal.SIGKILL)
        _reap()
        time.sleep(0.002)


def _wait(child: int) -> int:
    """Return the job's wait status, reaping orphans on the way."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return status


def _remove(folder: str) -> None:
    """Remove the run's folder; what can't be is left to the next start's sweep."""
    import shutil

    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        return


def _guard(job: dict[str, Any]) -> None:
    """Die with the parent, and be told to stop by SIGTERM: both end everything below first."""
    parent = int(job["parent"])

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end_all(job.get("child", 0))
        if os.getppid() != parent:
            _remove(job["folder"])
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    _must(_libc.prctl(_SUBREAPER, 1, 0, 0, 0), "subreaper")
    _must(_libc.prctl(_PDEATHSIG, signal.SIGTERM, 0, 0, 0), "pdeathsig")
    if os.getppid() != parent:
        stop()


def main(descriptor: int) -> None:
    """Run the job described in the file `descriptor`, and report its wait status to `status`."""
    with open(descriptor, "rb") as file:
        job = marshal.load(file)  # noqa: S302 - from our own parent, of the same Python
    _guard(job)
    os.set_inheritable(job["status"], False)
    if os.read(0, 3) != b"go\n":  # the parent says so once it has bounded us
        return
    child = job["child"] = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        try:
            _become(job)
        except OSError as error:
            os.write(2, f"selfheal: cannot start: {error}\n".encode())
        os._exit(127)
    status = _wait(child)
    _end_all(child)
    os.write(job["status"], b"%d" % status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
