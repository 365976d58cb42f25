"""Without an index: what this program's own environment holds is copied, so that a plain pytest suite still runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from bot.codebase import installed
from bot.codebase.metadata import canonical
from bot.codebase.needed import parsed


def carried(requirements: tuple[str, ...]) -> tuple[metadata.Distribution, ...] | None:
    """Return our own distributions that meet requirements, with all that they require; None when one is not met."""
    found: dict[str, metadata.Distribution] = {}
    pending = [parsed(text) for text in requirements]
    while pending:
        wanted = pending.pop()
        if wanted is None or wanted.url:
            return None
        if wanted.marker is not None and not any(
            wanted.marker.evaluate({"extra": each}) for each in ("", *wanted.extras)
        ):
            continue
        own = _own(wanted)
        if own is None:
            return None
        if canonical(wanted.name) not in found:
            found[canonical(wanted.name)] = own
            pending += _required(own, wanted)
    return tuple(found[name] for name in sorted(found))


def _own(wanted: Requirement) -> metadata.Distribution | None:
    try:
        own = metadata.distribution(wanted.name)
    except metadata.PackageNotFoundError:
        return None
    return own if own.files and wanted.specifier.contains(own.version, prereleases=True) else None


def _required(own: metadata.Distribution, wanted: Requirement) -> Iterator[Requirement]:
    extras = ("", *wanted.extras)
    for text in own.requires or ():
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras):
            one.marker = None
            yield one


def copy(distributions: tuple[metadata.Distribution, ...], environment: Path) -> None:
    """Copy our own distributions into an environment of the same Python; their console scripts stay behind."""
    target = installed.site_packages(environment)[0]
    for one in distributions:
        for file in one.files or ():
            origin = Path(str(one.locate_file(file)))
            if ".." in file.parts or "__pycache__" in file.parts or not origin.is_file():
                continue
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, target / file)
