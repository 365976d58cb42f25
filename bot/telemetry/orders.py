"""One observed order of handlers against the declared one: what is missing, extra, repeated or swapped.

Rules: an optional beat may be missing; parallel beats that stand side by side may come in any order; an asynchronous
beat may come late; an execution that failed may stop anywhere (a prefix is allowed).
"""

from __future__ import annotations

from collections.abc import Sequence as Seq
from itertools import groupby

from bot.model import Beat, Sequence, Violation

LONGEST = 400  # beats compared in full: the alignment is quadratic


def declared_order(sequence: Sequence) -> tuple[str, ...]:
    """Return the handlers of a sequence in the declared order."""
    return tuple(beat.handler for beat in sequence.beats)


def departure(sequence: Sequence, observed: tuple[str, ...], *, failed: bool, execution: str = "") -> Violation | None:
    """Return how `observed` departs from the declared order, or None when it is allowed."""
    if observed == declared_order(sequence):
        return None
    beats = sequence.beats[:LONGEST]
    seen = _in_place(observed[:LONGEST], beats)
    kept, missing, extra = _aligned(tuple(beat.handler for beat in beats), seen)
    script = _script(seen, missing, extra, beats)
    last = max((i for i, _ in kept), default=-1)
    wrong = [line for i, line in script if not _allowed(i, beats, failed=failed, last=last)]
    if not wrong:
        return None
    return Violation(execution=execution, observed=observed, first_divergence=_first(beats, seen), script=tuple(wrong))


def _allowed(index: int, beats: Seq[Beat], *, failed: bool, last: int) -> bool:
    """Say whether the missing beat `index` may be missing (-1: not a missing beat)."""
    return index >= 0 and (beats[index].optional or (failed and index > last))


def _in_place(observed: tuple[str, ...], beats: Seq[Beat]) -> tuple[str, ...]:
    """Return the observed order with parallel and asynchronous beats put where they are declared, where allowed."""
    place = {beat.handler: i for i, beat in reversed(list(enumerate(beats)))}
    group, groups = 0, {}
    for i, beat in enumerate(beats):
        group += not (i and beat.parallel and beats[i - 1].parallel)
        groups[beat.handler] = group if beat.parallel else -i - 1
    ordered: list[str] = []
    for number, run in groupby(observed, key=lambda name: groups.get(name, 0)):
        names = list(run)
        ordered += sorted(names, key=lambda name: place.get(name, 0)) if number > 0 else names
    late = {beat.handler for beat in beats if beat.timing == "async"}
    for name in [name for name in ordered if name in late]:
        before = {beat.handler for beat in beats[: place[name]]}
        now = ordered.index(name)
        target = max((i for i, other in enumerate(ordered[:now]) if other in before), default=-1) + 1
        ordered.insert(target, ordered.pop(now))
    return tuple(ordered)


def _aligned(wanted: tuple[str, ...], seen: tuple[str, ...]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Return the longest common order as index pairs, what is missing of `wanted`, what is extra in `seen`."""
    rows = [[0] * (len(seen) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) - 1, -1, -1):
        for j in range(len(seen) - 1, -1, -1):
            equal = wanted[i] == seen[j]
            rows[i][j] = rows[i + 1][j + 1] + 1 if equal else max(rows[i + 1][j], rows[i][j + 1])
    kept, i, j = [], 0, 0
    while i < len(wanted) and j < len(seen):
        if wanted[i] == seen[j]:
            kept.append((i, j))
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1
    left, right = {a for a, _ in kept}, {b for _, b in kept}
    return kept, [k for k in range(len(wanted)) if k not in left], [k for k in range(len(seen)) if k not in right]


def _script(seen: tuple[str, ...], missing: list[int], extra: list[int], beats: Seq[Beat]) -> list[tuple[int, str]]:
    """Return the edits as (index of a missing beat or -1, line), in the order in which they show."""
    lines: list[tuple[int, str]] = []
    moved = {beats[i].handler for i in missing} & {seen[j] for j in extra}
    for j in extra:
        name = seen[j]
        if name in moved:
            lines.append((-1, _swap(name, j, seen, beats)))
            moved.discard(name)
            missing = _without(missing, name, beats)
        elif any(beat.handler == name for beat in beats):
            lines.append((-1, f"repeated {name} (seen {seen.count(name)} times)"))
        else:
            lines.append((-1, f"extra {name} ({'after ' + seen[j - 1] if j else 'first'})"))
    lines += [(i, f"missing {beats[i].handler} (beat {beats[i].beat})") for i in missing]
    return list(dict.fromkeys(lines))


def _without(missing: list[int], name: str, beats: Seq[Beat]) -> list[int]:
    gone = next(i for i in missing if beats[i].handler == name)
    return [i for i in missing if i != gone]


def _swap(name: str, at: int, seen: tuple[str, ...], beats: Seq[Beat]) -> str:
    order = [beat.handler for beat in beats]
    place = order.index(name)
    for other in (at - 1, at + 1):
        if 0 <= other < len(seen) and seen[other] in order and abs(order.index(seen[other]) - place) == 1:
            first, second = sorted((name, seen[other]), key=order.index)
            return f"swapped {first} and {second}"
    return f"moved {name} (belongs {'after ' + order[place - 1] if place else 'first'})"


def _first(beats: Seq[Beat], seen: tuple[str, ...]) -> int:
    """Return the index in the order seen where it first leaves the declared one, optional beats left out."""
    i = 0
    for j, name in enumerate(seen):
        while i < len(beats) and beats[i].handler != name and beats[i].optional:
            i += 1
        if i >= len(beats) or beats[i].handler != name:
            return j
        i += 1
    return len(seen)
