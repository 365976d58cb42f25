"""Finds and fetches the source archive of a distribution that has no wheel, from the user's own indexes."""

from __future__ import annotations

import hashlib
import html.parser
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from bot.adapters import egress, environments_index
from bot.codebase.metadata import canonical
from bot.errors import Declined

LARGEST = 200_000_000
TAMPERED = "Hash mismatch"
"""The words, uv's and ours, for a file that is not the one that was locked: then there is no way round."""
_SECONDS = 60.0
_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2")


@dataclass(frozen=True)
class Archive:
    """One source archive: where it is, its file name, its version, and its sha256 ('' when the index tells none)."""

    url: str
    filename: str
    version: Version
    sha256: str


class _Links(html.parser.HTMLParser):
    """Collects the links of an index page, without those that were withdrawn."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        given = dict(attrs)
        if tag == "a" and given.get("href") and "data-yanked" not in given:
            self.found.append(str(given["href"]))


def find(name: str, wanted: SpecifierSet, settings: Mapping[str, str], *, index: bool = True) -> Archive:
    """Return the newest source archive of a distribution that `wanted` allows; raises `Declined` when there is none."""
    found = [one for one in _archives(canonical(name), settings, index) if wanted.contains(one.version)]
    found = found or [one for one in _archives(canonical(name), settings, index) if wanted.contains(one.version, True)]
    if not found:
        raise Declined(f"there is neither a wheel nor a source archive of {name}{wanted}")
    return max(found, key=lambda one: (one.version, one.filename.endswith(".tar.gz")))


def _archives(name: str, settings: Mapping[str, str], index: bool) -> Iterator[Archive]:
    for folder in settings.get("UV_FIND_LINKS", "").split(","):
        if folder and "://" not in folder and Path(folder).is_dir():
            yield from _named(name, (path.as_uri() for path in sorted(Path(folder).iterdir())))
    for base in _indexes(settings) if index else ():
        page = f"{base.rstrip('/')}/{name}/"
        links = _Links()
        try:
            links.feed(_read(page, settings, 20_000_000).decode("utf-8", "replace"))
        except URLError:
            continue
        yield from _named(name, (urljoin(page, link) for link in links.found))


def _indexes(settings: Mapping[str, str]) -> tuple[str, ...]:
    words = f"{settings.get('UV_INDEX', '')} {settings.get('UV_EXTRA_INDEX_URL', '')}".split()
    words.append(settings.get("UV_DEFAULT_INDEX") or settings.get("UV_INDEX_URL") or "https://pypi.org/simple")
    return tuple(word[word.find("=", 0, word.find("://")) + 1 :] for word in words)


def _named(name: str, links: Iterable[str]) -> Iterator[Archive]:
    """Yield the links that are source archives of a distribution: `name-version.tar.gz`."""
    for link in links:
        url, fragment = urldefrag(link)
        filename = unquote(urlsplit(url).path.rpartition("/")[2])
        suffix = next((one for one in _SUFFIXES if filename.endswith(one)), "")
        stem, _, version = filename.removesuffix(suffix).rpartition("-")
        if suffix and canonical(stem) == name:
            try:
                yield Archive(url, filename, Version(version), fragment.removeprefix("sha256="))
            except InvalidVersion:
                continue


def fetch(archive: Archive, settings: Mapping[str, str], hashes: tuple[str, ...] = ()) -> bytes:
    """Return the bytes of an archive; raises `Declined` when they are not those that index or lock file promise."""
    try:
        data = _read(archive.url, settings, LARGEST)
    except URLError as error:
        raise Declined(f"cannot fetch {archive.filename}: {error.reason}") from error
    seen = hashlib.sha256(data).hexdigest()
    if (archive.sha256 and archive.sha256 != seen) or (hashes and f"sha256:{seen}" not in hashes):
        raise Declined(f"{TAMPERED}: {archive.filename} is not the file that was promised")
    return data


def _read(url: str, settings: Mapping[str, str], most: int) -> bytes:
    """Return what an address holds, through a proxy that lets only package indexes be reached."""
    if urlsplit(url).scheme not in {"https", "http", "file"}:
        raise URLError(f"{url} is no address of a file")
    with egress.proxy(environments_index.hosts(settings)) as address:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": address, "https": address}))
        with opener.open(url, timeout=_SECONDS) as answer:
            data: bytes = answer.read(most + 1)
    if len(data) > most:
        raise URLError(f"{url} is larger than {most} bytes")
    return data
