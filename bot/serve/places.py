"""One repository as the App sees it: client, forge, policy, and the stage that its sequences are played on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from bot.diary import told
from bot.errors import Declined, Misconfigured
from bot.policy import RepoPolicy
from bot.ports import Forge, Workflows

SHARED_SECONDS = 300.0


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
    organisations: dict[str, tuple[str, float]] = field(default_factory=dict)

    def at(self, data: Mapping[str, Any], *, base: str = "") -> Place:
        """Return the repository that a job is about; `base` is the branch that pull requests go to (default branch)."""
        repository = str(data["repository"])
        installation = int(data.get("installation") or 0) or self.app.installation_of(repository)
        client = self.app.client(installation, repository)
        rules, broken = self.rules(GitHubForge(client, self.slug()), self.shared(client))
        forge = GitHubForge(client, self.slug(), base=base, teams=rules.approvals.teams)
        return Place(repository, installation, client, forge, rules, broken)

    def rules(self, forge: GitHubForge, shared: str) -> tuple[RepoPolicy, str]:
        """Return the policy on the default branch over the organisation's; a broken one means `observe`, and why."""
        text = forge.text(policy.FILE, forge.default_branch()) or ""
        try:
            return policy.load(text, defaults=shared), ""
        except Misconfigured as error:
            return policy.broken(), str(error)

    def shared(self, client: Client) -> str:
        """Return the text of the policy in the owner's `.github` repository, or an empty one; asked for now and then.

        A public one can be read with any token; a private one only where the App is installed on it.
        """
        owner = client.repository.partition("/")[0]
        known = self.organisations.get(owner)
        now = self.world.clock.monotonic()
        if known is not None and known[1] > now:
            return known[0]
        name = f"{owner}/{policy.SHARED_REPOSITORY}"
        ways = (client.beside(name), self.app.client(client.installation, name))
        text = next(filter(None, (self._readable(way, name) for way in ways)), "")
        self.organisations[owner] = (text, now + SHARED_SECONDS)
        return text

    def _readable(self, client: Client, name: str) -> str:
        try:
            return GitHubForge(client, self.slug()).text(policy.FILE, "") or ""
        except Declined as no:
            told(f"no policy is inherited from {name}, which can't be read: {no}")
            return ""

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
