"""Compares the outcomes of two test runs, test by test; the exit code is never enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GOOD = frozenset({"passed", "xfailed"})
BAD = frozenset({"failed", "error", "xpassed"})
Outcomes = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """What a patch did to a suite; each field holds test ids in order."""

    broken: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()
    healed: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Return whether nothing got worse."""
        return not (self.broken or self.vanished or self.silenced)


def compare(before: Outcomes, after: Outcomes) -> Difference:
    """Return how `after` differs from `before`.

    A test that could not be collected before stands there under the id of its module, with the outcome `error`: the
    tests that the module turns out to hold are added, and what fails among them was hidden, not broken. Where the
    parameters of a test have other names each time (they come from a set), as many with the same outcomes are the same.
    """
    after = _as_before(before, after)
    hidden = tuple(name for name, outcome in before.items() if outcome == "error" and name not in after)
    gone = [name for name in before if name not in after and name not in hidden]
    fresh = [name for name in after if name not in before]
    both = [name for name in before if name in after]
    return Difference(
        broken=tuple(name for name in both if before[name] in GOOD and after[name] in BAD)
        + tuple(name for name in fresh if after[name] in BAD and not within(name, hidden)),
        vanished=tuple(gone) + tuple(name for name in hidden if not any(within(each, (name,)) for each in fresh)),
        silenced=tuple(name for name in both if before[name] != "skipped" and _silent(before[name], after[name])),
        healed=tuple(name for name in both if before[name] in BAD and after[name] in GOOD),
        still_failing=tuple(name for name in both if before[name] in BAD and after[name] in BAD)
        + tuple(name for name in fresh if after[name] in BAD and within(name, hidden)),
        added=tuple(fresh),
    )


def _as_before(before: Outcomes, after: Outcomes) -> Outcomes:
    """Return `after` with the ids of `before` for tests whose parameters only have other names."""
    old, new = _by_function(before), _by_function(after)
    names: dict[str, str] = {}
    for function in old.keys() & new.keys():
        gone, fresh = sorted(old[function] - new[function]), sorted(new[function] - old[function])
        if gone and Counter(before[name] for name in gone) == Counter(after[name] for name in fresh):
            left = list(gone)
            for name in fresh:
                alike = next(one for one in left if before[one] == after[name])
                left.remove(alike)
                names[name] = alike
    return {names.get(name, name): outcome for name, outcome in after.items()} if names else after


def _by_function(outcomes: Outcomes) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in outcomes:
        if name.endswith("]"):
            found.setdefault(name.partition("[")[0], set()).add(name)
    return found


def _silent(before: str, after: str) -> bool:
    return after == "skipped" or (after == "xfailed" and before != "xfailed")


def within(test: str, modules: Iterable[str]) -> bool:
    """Return whether a test id is one of `modules` or lies in one of them (pytest's `::`, unittest's dots)."""
    return any(test == name or test.startswith((f"{name}::", f"{name}.", f"{name}[")) for name in modules)


def state_of(test: str, outcomes: Outcomes) -> str:
    """Return the outcome of a test or module id: of a module the worst of its tests, 'not run' when there is none."""
    if test in outcomes:
        return outcomes[test]
    inside = [outcome for name, outcome in outcomes.items() if within(name, (test,))]
    if not inside:
        return "not run"
    return next((outcome for outcome in ("error", "failed", "passed") if outcome in inside), inside[0])


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return names as one short text for a person."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more
