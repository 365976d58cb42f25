"""One repository as the App sees it: client, forge, policy, and the stage that its sequences are played on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import conductor, policy
from bot.adapters.github_client import Client, GitHubApp
from bot.adapters.github_forge import GitHubForge
from bot.adapters.workflows_dbos import Durable
from bot.app import World
from bot.chain import Chain
from bot.codec import TypedCodec
from bot.conductor import Plan, Stage
from bot.errors import Misconfigured
from bot.policy import RepoPolicy
from bot.ports import Forge, Workflows


@dataclass(frozen=True)
class Place:
    """One repository: how to talk to it, and what it allows."""

    repository: str
    installation: int
    client: Client
    forge: GitHubForge
    policy: RepoPolicy
    policy_broken: str = ""


@dataclass(frozen=True)
class Places:
    """Makes places, and chains to play sequences on them durably."""

    world: World
    app: GitHubApp
    durable: Durable
    slug: Callable[[], str]

    def at(self, data: Mapping[str, Any], *, base: str = "") -> Place:
        """Return the repository that a job is about; `base` is the branch that pull requests go to (default branch)."""
        repository = str(data["repository"])
        installation = int(data.get("installation") or 0) or self.app.installation_of(repository)
        client = self.app.client(installation, repository)
        rules, broken = self.rules(GitHubForge(client, self.slug()))
        forge = GitHubForge(client, self.slug(), base=base, teams=rules.approvals.teams)
        return Place(repository, installation, client, forge, rules, broken)

    def rules(self, forge: GitHubForge) -> tuple[RepoPolicy, str]:
        """Return the policy on the default branch; a broken one means `observe`, with what is wrong with it."""
        text = forge.text(policy.FILE, forge.default_branch())
        try:
            return (policy.load(text) if text is not None else RepoPolicy()), ""
        except Misconfigured as error:
            return policy.broken(), str(error)

    def chain(self, place: Place, plans: Mapping[str, Plan]) -> Chain:
        """Return a chain whose steps are durable, on the forge of a place."""
        return Chain(plans, self.stage(place, plans), self.world.store, place.policy)

    def stage(self, place: Place, plans: Mapping[str, Plan]) -> Stage:
        """Return a stage whose steps are recorded by the durable engine."""
        types = {name: kind for plan in plans.values() for name, kind in plan.types.items()}
        base = self.world.stage()
        ports = {**base.ports, Forge: place.forge, Workflows: self.durable}
        return Stage(ports, self.durable, TypedCodec(types, self.world.store), sink=base.sink, now=base.now)

    def folder(self, key: str) -> Path:
        """Return a scratch folder of our own."""
        folder: Path = self.world.store.folder(key)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def plans_of(texts: Mapping[str, str]) -> dict[str, Plan]:
    """Return the plans of sequence texts by the event that starts them, as they stood when a job began."""
    plans = [conductor.load(text, name) for name, text in texts.items()]
    return {plan.parts[0].beat.event: plan for plan in plans}
