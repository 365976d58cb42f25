"""Refuses changes of what protects the repository: owners, hooks, rules, update bots, and the policy of this bot."""

from __future__ import annotations

from collections.abc import Iterable

from bot.globs import any_match
from bot.proof.change import Change, Refusal
from bot.registry import gate

PATHS = (
    "CODEOWNERS", "OWNERS", "/.github/selfheal.yml", "/.github/selfheal.yaml", "/.github/settings.yml",
    "/.github/rulesets/**",
    "/.github/dependabot.y*ml", "/.github/policy.yml", "/.policy.yml", "/.github/mergify.yml", "/.mergify.yml",
    "/.mergify/**", "/.kodiak.toml", "/.github/.kodiak.toml", "/bors.toml", "renovate.json*", ".renovaterc*",
    "/.pre-commit-config.yaml", "/.pre-commit-hooks.yaml", "/.husky/**", "/.githooks/**", "/.git-hooks/**",
    "/hooks/pre-*", "/hooks/post-*", "/hooks/*-msg",
    "/lefthook.y*ml", "/.lefthook/**", ".gitmodules", ".gitattributes", ".gitconfig", ".git/**", "/.github/CODEOWNERS",
    "/.gitleaks.toml", "/.secrets.baseline", "/.bandit*", "/.safety-policy.yml", "/.snyk", "/.trivyignore*",
)  # fmt: skip


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each protected file."""
    for file in change.files:
        if any_match(PATHS, file.path):
            line = next((number for number, _ in (*file.added, *file.removed)), 1)
            yield Refusal(file.path, line, "this file protects the repository")
