"""Tries, from inside a sandbox, everything that must not work, and says what came of it. Standard library only.

Run as a script with the name of a JSON file that tells where the bait lies. It prints one JSON object: for each
attempt `[got through, what was seen]`. An attempt that raises was blocked.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import platform
import socket
import sys
from collections.abc import Callable
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_REFUSED = (1, 38)  # EPERM, ENOSYS: the filter's own answers; any other error means that the kernel looked at the call
_NEW_USER = 0x10000000
_CALLS = {
    # name: (number on x86-64, number on arm64, arguments)
    "ptrace": (101, 117, (16, 0, 0, 0)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "unshare": (272, 97, (_NEW_USER,)),
    "setns": (308, 268, (-1, 0)),
    "clone into a user namespace": (56, 220, (_NEW_USER | 17, 0, 0, 0, 0)),
    "clone3": (435, 435, (0, 0)),
    "keyctl": (250, 219, (0, -3, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "userfaultfd": (323, 282, (0,)),
    "io_uring_setup": (425, 425, (1, 0)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "process_vm_readv": (310, 270, (1, 0, 0, 0, 0, 0)),
    "open_by_handle_at": (304, 265, (-1, 0, 0)),
    "kexec_load": (246, 104, (0, 0, 0, -1)),
    "pivot_root": (155, 41, (0, 0)),
}
_FAMILIES = {"netlink": (16, 3, 0), "packet": (17, 3, 0), "alg": (38, 5, 0), "vsock": (40, 1, 0)}
_VARIABLES = {
    *("PATH", "HOME", "TMPDIR", "LANG", "USER", "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"),
    *("SELFHEAL_BOX", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONNOUSERSITE", "PYTHONUNBUFFERED"),
}

Bait = dict[str, Any]
Attempt = Callable[[Bait], tuple[bool, str]]


def key_file(bait: Bait) -> tuple[bool, str]:
    """Read a key that lies elsewhere on the machine."""
    with open(bait["key"], encoding="utf-8") as file:
        return True, file.read(20)


def passwd(bait: Bait) -> tuple[bool, str]:
    """Read the machine's own list of users."""
    with open("/etc/passwd", "rb") as file:
        text = file.read()
    same = hashlib.sha256(text).hexdigest() == bait["passwd"]
    return same, "the machine's own list" if same else "a list made up for the sandbox"


def other_processes(bait: Bait) -> tuple[bool, str]:
    """Find a secret in the variables or the command line of a process outside."""
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    for name in seen:
        for part in ("environ", "cmdline"):
            try:
                with open(f"/proc/{name}/{part}", "rb") as file:
                    if bait["secret"].encode() in file.read():
                        return True, f"found in /proc/{name}/{part}"
            except OSError:
                continue
    return False, f"{len(seen)} processes in sight, none holds it"


def variables(bait: Bait) -> tuple[bool, str]:
    """Find a variable that was not made for the job."""
    foreign = sorted(set(os.environ) - _VARIABLES)
    return bool(foreign), ", ".join(foreign) or "only the sandbox's own"


def descriptors(bait: Bait) -> tuple[bool, str]:
    """Find an open file that nobody meant to pass on."""
    found = [str(number) for number in range(3, 256) if _is_open(number)]
    return bool(found), f"open: {', '.join(found)}" if found else "none but input and output"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def loopback(bait: Bait) -> tuple[bool, str]:
    """Connect to a server on the machine's loopback address."""
    with socket.create_connection(("127.0.0.1", bait["port"]), timeout=1.0):
        return True, "connected"


def unix_socket(bait: Bait) -> tuple[bool, str]:
    """Connect to a unix socket by its path."""
    return _connect(bait["socket"])


def abstract_socket(bait: Bait) -> tuple[bool, str]:
    """Connect to a unix socket in the abstract name space."""
    return _connect("\0" + bait["abstract"])


def _connect(address: str) -> tuple[bool, str]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect(address)
        return True, "connected"


def datagram(bait: Bait) -> tuple[bool, str]:
    """Send a datagram to the machine; the machine tells whether it arrived."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"bait", ("127.0.0.1", bait["udp"]))
    return False, "sent, but it must arrive to count"


def metadata(bait: Bait) -> tuple[bool, str]:
    """Reach the address where clouds hand out credentials."""
    with socket.create_connection(("169.254.169.254", 80), timeout=0.5):
        return True, "connected"


def internet(bait: Bait) -> tuple[bool, str]:
    """Find a way out to the internet (no packet is sent)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("192.0.2.1", 53))
        return True, f"there is a route from {client.getsockname()[0]}"


def write_system(bait: Bait) -> tuple[bool, str]:
    """Write among the system's files."""
    return _write_one(("/usr/lib", "/usr/bin", "/etc", "/var", "/"))


def write_environment(bait: Bait) -> tuple[bool, str]:
    """Write among the files of the environment or its interpreter."""
    return _write_one((sys.prefix, sys.base_prefix, os.path.dirname(os.__file__)))


def write_tree(bait: Bait) -> tuple[bool, str]:
    """Write in the original of the tree."""
    return _write_one((bait["tree"], "/selfheal/source"))


def write_devices(bait: Bait) -> tuple[bool, str]:
    """Make a file among the devices, where no limit of size would hold."""
    return _write_one(("/dev",))


def kernel_settings(bait: Bait) -> tuple[bool, str]:
    """Open for writing what steers the kernel; nothing is written."""
    refused = []
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper"):
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError as error:
            refused.append(f"{path}: {error.strerror}")
        else:
            return True, f"{path} can be written"
    return False, "; ".join(refused)


def _write_one(folders: tuple[str, ...]) -> tuple[bool, str]:
    failed = []
    for folder in folders:
        path = os.path.join(folder, ".selfheal-probe")
        try:
            with open(path, "w"):
                os.unlink(path)
                return True, f"wrote in {folder}"
        except OSError as error:
            failed.append(f"{folder}: {error.strerror}")
    return False, "; ".join(failed)


def signals(bait: Bait) -> tuple[bool, str]:
    """Signal a process outside."""
    os.kill(bait["process"], 0)
    return True, "it could be signalled"


def powers(bait: Bait) -> tuple[bool, str]:
    """Hold a capability, or get one by running a set-uid program."""
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _libc.capget(header, data)
    effective = data[0] | data[3] << 32
    bound = _libc.prctl(39, 0, 0, 0, 0) == 1
    return bool(effective) or not bound, f"capabilities {effective:x}, no new privileges: {bound}"


def terminal(bait: Bait) -> tuple[bool, str]:
    """Type into the caller's terminal."""
    try:
        fcntl.ioctl(0, 0x5412, b"x")
    except OSError as error:
        return error.errno not in _REFUSED, f"TIOCSTI: {error.strerror}"
    return True, "typed"


def _call(name: str) -> Attempt:
    numbers, arguments = _CALLS[name][:2], _CALLS[name][2]

    def attempt(bait: Bait) -> tuple[bool, str]:
        number = numbers[platform.machine() == "aarch64"]
        result = _libc.syscall(number, *(ctypes.c_long(argument) for argument in arguments))
        if result == 0 and name.startswith("clone"):
            os._exit(0)  # the child that should never have been
        error = ctypes.get_errno() if result < 0 else 0
        return error not in _REFUSED, os.strerror(error) if error else "it worked"

    return attempt


def _family(name: str) -> Attempt:
    def attempt(bait: Bait) -> tuple[bool, str]:
        with socket.socket(*_FAMILIES[name]):
            return True, "a socket was made"

    return attempt


ATTEMPTS: dict[str, Attempt] = {
    "read a key file": key_file,
    "read the machine's users": passwd,
    "read other processes' secrets": other_processes,
    "inherit variables": variables,
    "inherit open files": descriptors,
    "connect to loopback": loopback,
    "connect to a unix socket": unix_socket,
    "connect to an abstract socket": abstract_socket,
    "send a datagram": datagram,
    "reach the metadata address": metadata,
    "reach the internet": internet,
    "write to the system": write_system,
    "write to the environment": write_environment,
    "write to the original tree": write_tree,
    "write among the devices": write_devices,
    "change the kernel's settings": kernel_settings,
    "signal a process outside": signals,
    "hold a capability": powers,
    "type into the terminal": terminal,
    **{f"call {name}": _call(name) for name in _CALLS},
    **{f"open a {name} socket": _family(name) for name in _FAMILIES},
}


def main(path: str) -> None:
    """Make every attempt and print what came of each."""
    with open(path, encoding="utf-8") as file:
        bait = json.load(file)
    results = {}
    for name, attempt in ATTEMPTS.items():
        if name in bait["skip"]:
            continue
        try:
            results[name] = attempt(bait)
        except OSError as error:
            results[name] = (False, error.strerror or str(error))
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1])
