"""Runs the bundled uv with the user's own index settings, in a folder that holds no configuration of a project."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import re2

from bot.adapters import egress, environments_index
from bot.codebase.metadata import canonical
from bot.errors import Declined, Misconfigured, Transient

TIMEOUT = 900.0
_WITHDRAWN = re2.compile(r"(?m)^warning: `([A-Za-z0-9._-]+)==[^`]*` is yanked(?: \(reason: \"?(.*?)\"?\))?$")
_PROGRESS = re2.compile(
    r"(?m)^(?:Using Python|Resolved|Prepared|Installed|Uninstalled|Audited|Would|Downloading) .*\n?"
)
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

    def install(self, python: Path | None, *arguments: str) -> str:
        """Install wheels, and wheels only, and return uv's words; raises `Declined` in them when that can't be done."""
        base = ("pip", "install", "--only-binary", ":all:", "--python", str(python))
        return self.run(*base, *environments_index.uv_options(self.environ), *arguments)

    def run(self, *arguments: str) -> str:
        """Run uv and return its words; raises `Declined` in them when it fails, `Transient` without an index."""
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
        words = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode:
            raise _failure(_PROGRESS.sub("", words).strip())
        return words


def withdrawn(words: str) -> dict[str, str]:
    """Return the releases that uv says were withdrawn from their index, with the reasons ('' = none is given).

    See PEP 592 ("yanked" releases): such a release is only installed where something asks for exactly this one.
    """
    return {canonical(found.group(1)): found.group(2) or "" for found in _WITHDRAWN.finditer(words)}


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
