"""Runs the bundled uv with the user's own index settings, in a folder that holds no configuration of a project."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import egress, environments_index
from bot.errors import Declined, Misconfigured, Transient

TIMEOUT = 900.0
_UNREACHABLE = ("error sending request", "dns error", "connection refused", "timed out", "failed to fetch")


@dataclass(frozen=True)
class Uv:
    """uv as a program: `cache` is a folder of our own, `environ` where the user's settings are read from."""

    cache: Path
    environ: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment that uv gets."""
        return environments_index.uv_environment(self.environ, self.cache / "uv")

    def venv(self, folder: Path, python: str) -> None:
        """Make an empty environment that may be moved."""
        self.run("venv", "--relocatable", "--no-project", "--quiet", "--python", python, str(folder))

    def install(self, python: Path | None, *arguments: str) -> None:
        """Install wheels, and wheels only; raises `Declined` in uv's words when that can't be done."""
        base = ("pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(python))
        self.run(*base, *environments_index.uv_options(self.environ), *arguments)

    def run(self, *arguments: str) -> None:
        """Run uv; raises `Declined` in its words when it fails, `Transient` when the index can't be reached."""
        import uv

        self.cache.mkdir(parents=True, exist_ok=True)
        command = [uv.find_uv_bin(), *arguments]
        try:
            with _limited(self.settings) as settings:
                done = subprocess.run(
                    command, env=settings, cwd=self.cache, capture_output=True, timeout=TIMEOUT, check=False
                )
        except FileNotFoundError as error:
            raise Misconfigured("the program uv is missing", hint="Reinstall this program.") from error
        except subprocess.TimeoutExpired as error:
            raise Transient(f"installing took more than {TIMEOUT:.0f} seconds", hint="Try again.") from error
        if done.returncode:
            raise _failure(done.stderr.decode("utf-8", "replace").strip())


@contextmanager
def _limited(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Give settings under which only package indexes can be reached; a proxy of the user's own is left in charge."""
    if any(key.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} for key in settings):
        yield settings
        return
    with egress.proxy(environments_index.hosts(settings)) as address:
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)
        kept = {key: value for key, value in settings.items() if key.upper() != "NO_PROXY"}
        yield kept | proxies


def _failure(words: str) -> Declined | Transient:
    if any(part in words.lower() for part in _UNREACHABLE):
        return Transient(f"the package index can't be reached: {words}", hint="Try again when it can be.")
    return Declined(f"the environment can't be made:\n{words}", hint="Check the declared dependencies.")
