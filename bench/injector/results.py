"""What came out, library by library: kept as JSON lines, so that a table can be put together from many pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.injector.inject import KINDS
from bench.injector.judge import Place
from bench.injector.values import Fault


@dataclass
class Tally:
    """What came out for one library: all faults as plain values, and the false alarms on the untouched library.

    `unable` is the reason why its tests can't be run here, `lacks` the reason why some kinds of faults were left out.
    """

    name: str
    faults: list[dict[str, object]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    unable: str = ""
    lacks: str = ""

    def note(self, fault: Fault, *, hit: bool, place: Place | None = None) -> None:
        """Note whether a fault was found as what it is, and where its place stands among the suspects."""
        where = f"{fault.file} {fault.function}:{fault.line}"
        noted = {"kind": fault.kind, "type": fault.type, "where": where, "said": fault.said, "hit": hit}
        self.faults.append(noted | ({"function": place.function, "line": place.line} if place else {}))

    def hits(self, type: str = "") -> list[bool]:
        """Return for each fault (of a type) whether it was found as what it is."""
        return [bool(one["hit"]) for one in self.faults if one["type"] == type or not type]

    def places(self) -> list[Place]:
        """Return where the truth stood among the suspects, of all faults that tests show."""
        return [Place(int(str(one["function"])), int(str(one["line"]))) for one in self.faults if "line" in one]

    def missed(self) -> Iterator[str]:
        """Yield in words the faults that were not found, or not among the first five functions."""
        for one in self.faults:
            if not one["hit"]:
                yield f"missed: {one['kind']} in {one['where']}: {one['said']}"
            elif "line" in one and not 0 < int(str(one["function"])) <= 5:
                yield f"not in five ({one['function']}): {one['kind']} in {one['where']}: {one['said']}"


def keep(path: Path, tally: Tally) -> None:
    """Append what came out for a library to a file."""
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(tally)) + "\n")


def read(path: Path, names: Iterable[str] = ()) -> list[Tally]:
    """Return what a file holds, the last line of each library; of the named ones alone when any are named."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    last = {str(one["name"]): Tally(**one) for one in map(json.loads, lines)}
    wanted = tuple(names)
    return [tally for name, tally in last.items() if name in wanted or not wanted]


def table(tallies: list[Tally]) -> Iterator[str]:
    """Yield the table: for each library and together, what was found as what it is, and where."""
    types = list(dict.fromkeys(KINDS.values()))
    heads = "".join(f"{type[:13]:>14}" for type in types)
    yield f"{'library':18}{heads}  function 1st / in 5   line 1st   false alarms"
    every = Tally("all")
    for one in tallies:
        every.faults += one.faults
        every.alarms += one.alarms
    for one in (*tallies, every):
        yield _row(one, types) if not one.unable else f"{one.name:18}  not run: {' '.join(one.unable.split())[:300]}"
    yield from (f"{one.name}: {one.lacks}" for one in tallies if one.lacks)
    hits = every.hits()
    if hits:
        yield f"detected with the right type: {sum(hits)} of {len(hits)} ({sum(hits) / len(hits):.1%})"


def _row(one: Tally, types: Iterable[str]) -> str:
    cells = (f"{sum(hits)} of {len(hits)}" if (hits := one.hits(type)) else "-" for type in types)
    places = one.places()
    n = max(1, len(places))
    first, five = sum(p.function == 1 for p in places) / n, sum(0 < p.function <= 5 for p in places) / n
    line = sum(p.line == 1 for p in places) / n
    row = "".join(f"{cell:>14}" for cell in cells)
    return f"{one.name:18}{row}  {first:10.1%} / {five:6.1%} {line:10.1%} {len(one.alarms):14}"
