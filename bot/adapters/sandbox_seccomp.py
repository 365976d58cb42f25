"""The seccomp filter of the sandbox: a classic BPF deny list, built here so that no library is needed.

Numbers are those of the kernel's system call tables (arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h); from 424 on they are the same everywhere.
"""

from __future__ import annotations

import platform
import struct

EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24
_NAMESPACES = 0x7E020080  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET and TIME
_TERMINAL_TRICKS = (0x5412, 0x541C)  # TIOCSTI types into the caller's terminal, TIOCLINUX pastes into it

# fmt: off
_X86_64 = {
    "ptrace": 101, "syslog": 103, "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176,
    "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272, "move_pages": 279,
    "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304,
    "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
}
_ARM64 = {
    "lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89,
    "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime": 112, "syslog": 116,
    "ptrace": 117, "reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170, "adjtimex": 171,
    "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225, "migrate_pages": 238,
    "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
}
_EVERYWHERE = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442,
    "quotactl_fd": 443, "open_tree_attr": 467,
}
# fmt: on
_CLONE3 = 435
_MACHINES = {
    # audit architecture, denied calls, then the numbers of clone, socket and ioctl
    "x86_64": (0xC000003E, _X86_64, 56, 41, 16),
    "aarch64": (0xC00000B7, _ARM64, 220, 198, 29),
}
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: netlink, packet, alg and vsock sockets are refused


def supported() -> bool:
    """Return whether this machine's system calls are known here."""
    return platform.machine() in _MACHINES


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _refuse(error: int) -> bytes:
    return _op(_RETURN, _ERRNO | error)


def _when(number: int, *then: bytes) -> list[bytes]:
    """Return code that runs `then` for one system call and skips it for others; `then` must return."""
    return [_op(_JUMP_EQUAL, number, 0, len(then)), *then]


def _socket_rule(number: int, sockets: bool) -> list[bytes]:
    if not sockets:
        return _when(number, _refuse(EPERM))
    allowed = [_op(_JUMP_EQUAL, family, len(_FAMILIES) - place) for place, family in enumerate(_FAMILIES)]
    return _when(number, _op(_LOAD, _FIRST), *allowed, _refuse(EAFNOSUPPORT), _op(_RETURN, _ALLOW))


def program(*, sockets: bool = True, machine: str | None = None) -> bytes:
    """Return the filter as an array of `struct sock_filter`, ready for `--seccomp` or `PR_SET_SECCOMP`.

    Denied calls fail with EPERM, so that a program can say what it missed; `clone3` fails with ENOSYS, whereupon
    the C library falls back to `clone`, whose flags a filter can see. With `sockets` false no socket can be made
    (pairs still can). Raises `KeyError` for an unknown machine; ask `supported` first.
    """
    arch, table, clone, socket, ioctl = _MACHINES[machine or platform.machine()]
    code = [_op(_LOAD, _ARCH), _op(_JUMP_EQUAL, arch, 1, 0), _refuse(ENOSYS), _op(_LOAD, _NUMBER)]
    if arch == _MACHINES["x86_64"][0]:
        code += [_op(_JUMP_AT_LEAST, 0x40000000, 0, 1), _refuse(ENOSYS)]  # the x32 numbers mirror the table
    for number in sorted({*table.values(), *_EVERYWHERE.values()}):
        code += _when(number, _refuse(EPERM))
    code += _when(_CLONE3, _refuse(ENOSYS))
    code += _when(
        clone, _op(_LOAD, _FIRST), _op(_JUMP_ANY_BIT, _NAMESPACES, 0, 1), _refuse(EPERM), _op(_RETURN, _ALLOW)
    )
    code += _socket_rule(socket, sockets)
    tricks = [op for trick in _TERMINAL_TRICKS for op in _when(trick, _refuse(EPERM))]
    code += _when(ioctl, _op(_LOAD, _SECOND), *tricks, _op(_RETURN, _ALLOW))
    return b"".join([*code, _op(_RETURN, _ALLOW)])
