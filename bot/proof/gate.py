"""The diff gate: every rule looks at every patch, and each refusal names file, line and rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.proof.change import Change, Refusal
from bot.registry import units

Look = Callable[[Change], Iterable[Refusal]]


@dataclass(frozen=True)
class Rule:
    """One rule of the gate; `kind` is what a strategy may declare to touch so that the rule is lifted, or ''."""

    name: str
    kind: str
    look: Look


def judge(change: Change, rules: Mapping[str, Rule]) -> tuple[Refusal, ...]:
    """Return all refusals of a patch, by file and line; empty when every rule lets it pass."""
    found: set[Refusal] = set()
    for name, rule in rules.items():
        if not rule.kind or rule.kind != change.touches:
            found.update(replace(refusal, rule=name) for refusal in rule.look(change))
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.rule, one.seen)))


def rules() -> dict[str, Rule]:
    """Return all rules of the gate by name."""
    return {name: Rule(name, unit.about.get("kind", ""), unit.function) for name, unit in units("gate").items()}
