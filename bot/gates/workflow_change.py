"""Refuses any change of continuous integration, unless the strategy declares that it touches workflows."""

from __future__ import annotations

from collections.abc import Iterable

from bot.globs import any_match
from bot.proof.change import Change, Refusal
from bot.registry import gate

PATHS = (
    "/.github/workflows/**", "/.github/actions/**", "action.yml", "action.yaml", "/.gitlab-ci*.yml", "/.gitlab/ci/**",
    "/.circleci/**", "/azure-pipelines*.yml", "/.azure/**", "Jenkinsfile*", "/.travis.yml", "/appveyor.yml",
    "/.appveyor.yml", "/bitbucket-pipelines.yml", "/.drone.yml", "/.buildkite/**", "/.woodpecker*", "/.woodpecker/**",
    "/buildspec*.yml", "/cloudbuild*.yaml", "/.ci/**", "/.teamcity/**", "/.semaphore/**", "/.cirrus.yml", "/.zuul.y*ml",
    "/.zuul.d/**", "/.readthedocs.y*ml",
)  # fmt: skip


@gate(kind="workflows")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each file of continuous integration."""
    for file in change.files:
        if any_match(PATHS, file.path):
            line = next((number for number, _ in (*file.added, *file.removed)), 1)
            yield Refusal(file.path, line, "continuous integration is changed")
