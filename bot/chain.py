"""Plays sequences one after the other: the events that end one start the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.conductor import Outcome, Plan, Stage, play
from bot.model import Known, Request, Start
from bot.policy import RepoPolicy
from bot.ports import Store


@dataclass(frozen=True)
class Played:
    """One sequence that was played, what started it, and how it ended."""

    sequence: str
    start: Start
    outcome: Outcome


@dataclass(frozen=True)
class Chain:
    """Everything that a run of several sequences needs; `plans` are by the event that starts them."""

    plans: Mapping[str, Plan]
    stage: Stage
    store: Store
    policy: RepoPolicy

    def play(self, start: Start, request: Request) -> Played:
        """Play the one sequence that `start` names and return how it ended."""
        plan = self.plans[start.event]
        asked = request.model_copy(
            update={"request_id": start.request_id, "record_id": start.record_id, "subject": start.subject}
        )
        answered = self.store.answered(plan.sequence.id, start.request_id)
        known = Known(record_id=answered) if answered else None
        inputs = {"request": asked, "known": known, "policy": self.policy}
        return Played(plan.sequence.id, start, play(plan, inputs, self.stage))

    def follow(
        self, start: Start, request: Request, wanted: Callable[[Start], bool] = lambda _start: True
    ) -> tuple[Played, ...]:
        """Play `start` and all that follows from it and is wanted, in order; returns every sequence that was played."""
        played = []
        waiting = deque([start])
        while waiting:
            done = self.play(waiting.popleft(), request)
            played.append(done)
            if done.outcome.completed is not None:
                waiting.extend(one for one in done.outcome.completed.starts if wanted(one))
        return tuple(played)

    def under(self, policy: RepoPolicy) -> Chain:
        """Return the same chain under another policy."""
        return replace(self, policy=policy)
