"""Bring the steps of a sequence into their declared order: calls in a function, or names in a list.

Where the sequence file changed and the code did not, the file is what is corrected instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._steps import Steps, inserted, moved, removed, steps_in, swapped
from bot.strategies._text import edit

_SWAPPED = re2.compile(r"^swapped (\S+) and (\S+)$")
_MOVED = re2.compile(r"^moved (\S+) \(belongs (?:after (\S+)|first)\)$")
_REPEATED = re2.compile(r"^repeated (\S+)")
_MISSING = re2.compile(r"^missing (\S+)")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _one_change(line: str, text: str, steps: Steps, wanted: list[str]) -> str | None:
    """Return the text after one line of the script, None when the steps at hand can't follow it."""
    if found := _SWAPPED.search(line):
        first, second = (_last(group) for group in found.groups())
        if first in steps.names and second in steps.names:
            return swapped(text, steps, steps.names.index(first), steps.names.index(second))
    elif found := _MOVED.search(line):
        name, behind = _last(found.group(1)), _last(found.group(2) or "")
        if name in steps.names and (not behind or behind in steps.names):
            at = steps.names.index(name)
            to = steps.names.index(behind) + 1 if behind else 0
            return moved(text, steps, at, to - 1 if behind and at < to else to)
    elif found := _REPEATED.search(line):
        places = [at for at, name in enumerate(steps.names) if name == _last(found.group(1))]
        return removed(text, steps, places[-1]) if len(places) > 1 else None
    elif found := _MISSING.search(line):
        name = _last(found.group(1))
        before = [one for one in wanted[: wanted.index(name)] if one in steps.names] if name in wanted else []
        if before and name not in steps.names:
            return inserted(text, steps, name, steps.names.index(before[-1]))
    return None


def _in_code(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield (file, text with the steps in order) for the places that hold the steps, the diagnosed file first."""
    wanted = [_last(name) for name in diagnosis.details.get("expected", "").split("\n") if name]
    script = [line for line in diagnosis.details.get("script", "").split("\n") if line]
    files = [diagnosis.file, *(p for p in codebase.python_files if not codebase.is_test(p) and p != diagnosis.file)]
    for path in files if wanted and len(script) == 1 else ():
        text = codebase.files.get(path, "")
        tree = codebase.tree(path) if sum(name in text for name in wanted) > 1 else None
        for steps in steps_in(tree, frozenset(wanted)) if tree else ():
            new = _one_change(script[0], text, steps, wanted)
            if new and new != text:
                yield path, new


def _in_file(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield (sequence file, text with two beats swapped as they are seen)."""
    found = _SWAPPED.search(diagnosis.details.get("script", ""))
    for path in sorted(codebase.changed) if found else ():
        if not path.endswith(".json"):
            continue
        try:
            data = json.loads(codebase.text(path))
        except ValueError:
            continue
        for movement in data.get("movements", ()) if isinstance(data, dict) else ():
            beats = movement.get("beats", [])
            names = [beat.get("handler") for beat in beats]
            if found and all(name in names for name in found.groups()):
                a, b = (names.index(name) for name in found.groups())
                beats[a], beats[b] = {**beats[b], "beat": beats[a]["beat"]}, {**beats[a], "beat": beats[b]["beat"]}
                yield path, json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@strategy(causes=("behavioral", "swapped", "moved", "repeated", "missing", "order"), trust="review", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the ways to make code and declaration agree, at most three."""
    script = diagnosis.details.get("script", "").replace("\n", "; ")
    code_changed = any(path.endswith(".py") for path in codebase.changed)
    corrected = [] if code_changed else list(_in_file(diagnosis, codebase))
    for path, text in [*corrected, *_in_code(diagnosis, codebase)][:3]:
        declared = path.endswith(".json")
        why = "the file changed and the code did not" if declared else "the declared order says otherwise"
        yield Proposal(
            strategy="call_order",
            title=f"Declare the order of {path} as it runs" if declared else f"Bring the steps of {path} into order",
            edits=edit(path, codebase.text(path), text),
            confidence=0.6 if declared else 0.8,
            why=f"{script}: {why}.",
        )
