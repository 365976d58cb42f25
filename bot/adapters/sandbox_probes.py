"""Proves a sandbox by trying to break out of it: bait is laid outside, and a script inside goes for it."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import sandbox_probe_script
from bot.adapters.sandbox_base import BaseSandbox
from bot.errors import BotError
from bot.ports import Job, Limits
from bot.scratch import scratch

_SCRIPT, _BAIT = "probes.py", "bait.json"
# What a level must block to be used. The rest is reported: on old kernels Landlock can't stop signals.
OPTIONAL = frozenset({"signal a process outside"})


@dataclass(frozen=True)
class ProbeResult:
    """One attempt to break out: whether it was blocked, what the attempt saw, and whether a level may fail it."""

    name: str
    blocked: bool
    seen: str
    needed: bool = True


@contextmanager
def _bait(folder: Path) -> Iterator[dict[str, object]]:
    """Lay out a key, servers and a process with a secret; all of it is gone afterwards."""
    secret = secrets.token_hex(8)
    with ExitStack() as stack:
        key = folder / "key.pem"
        key.write_text(f"SECRET {secret}")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        path, abstract = str(folder / "s"), f"selfheal-{secret}"
        for address in (path, f"\0{abstract}"):
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(address)
            server.listen()
        process = stack.enter_context(subprocess.Popen(["sleep", "60"], env={"TOKEN": secret}))
        stack.callback(process.kill)
        yield {
            "key": str(key),
            "secret": secret,
            "passwd": hashlib.sha256(_passwd()).hexdigest(),
            "port": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "socket": path,
            "abstract": abstract,
            "process": process.pid,
            "arrived": udp,
        }


def _passwd() -> bytes:
    with suppress(OSError):
        return Path("/etc/passwd").read_bytes()
    return b""


def _arrived(server: object) -> bool:
    """Return whether the datagram server was sent anything."""
    if not isinstance(server, socket.socket):
        return False
    server.setblocking(False)
    with suppress(BlockingIOError):
        return bool(server.recv(16))
    return False


def probe(sandbox: BaseSandbox, skip: tuple[str, ...] = ()) -> tuple[ProbeResult, ...]:
    """Return what came of every attempt to break out of `sandbox` but those to `skip`, in the order they were made.

    A sandbox that can't run the script at all yields one result that says why.
    """
    with scratch() as folder:
        outside, tree = folder / "outside", folder / "tree"
        outside.mkdir()
        tree.mkdir()
        with _bait(outside) as bait:
            server = bait.pop("arrived")
            try:
                found = _attempt(sandbox, tree, bait | {"tree": str(tree), "skip": skip})
            except (BotError, OSError, ValueError) as error:
                return (ProbeResult("run a program", False, str(error)),)
            if _arrived(server):
                found["send a datagram"] = (True, "it arrived")
    return tuple(ProbeResult(name, not through, seen, name not in OPTIONAL) for name, (through, seen) in found.items())


def _attempt(sandbox: BaseSandbox, tree: Path, bait: dict[str, object]) -> dict[str, tuple[bool, str]]:
    """Run the script; raises `ValueError` when it did not come to its end."""
    job = Job(
        argv=("python", "-I", "-S", f"{{box}}/{_SCRIPT}", f"{{box}}/{_BAIT}"),
        tree=tree,
        files={
            _SCRIPT: Path(sandbox_probe_script.__file__).read_bytes(),
            _BAIT: json.dumps(bait).encode(),
        },
        limits=Limits(seconds=30.0),
    )
    done = sandbox.run(job)
    last = done.output.splitlines()[-1] if done.output else b""
    if done.exit_code != 0 or not last.startswith(b"{"):
        said = done.output.decode(errors="replace").strip()[-300:]
        raise ValueError(f"the probes ended with {done.exit_code}: {said or done.stopped or 'no output'}")
    return {name: (bool(through), str(seen)) for name, (through, seen) in json.loads(last).items()}


def explain(results: tuple[ProbeResult, ...]) -> str:
    """Return why a sandbox with these results can't be used, or an empty text when it can."""
    open_ = [f"{result.name} ({result.seen})" for result in results if result.needed and not result.blocked]
    return "; ".join(open_[:5])
