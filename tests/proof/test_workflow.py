"""What is wrong with a workflow file, without the forge."""

import pytest

from bot.proof.workflow import problems

GOOD = """
name: CI
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/own
      - uses: docker://alpine:3
      - uses: "${{ matrix.action }}"
      - run: make
  shared:
    needs: [build]
    uses: acme/flows/.github/workflows/ci.yml@v1
"""
FILES = (".github/actions/own/action.yml",)


def test_a_good_workflow_has_no_problems():
    assert list(problems(GOOD, FILES)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("on: [push]", "onn: [push]", "unknown key onn"),
        ("on: [push]", "", "`on` is missing"),
        ("jobs:", "job:", "`jobs` is missing"),
        ("needs: [build]", "needs: bild", "job shared: needs bild, which is no job"),
        ("runs-on: ubuntu-latest", "run-on: x", "job build: unknown key run-on"),
        ("runs-on: ubuntu-latest", "timeout-minutes: 3", "job build: `runs-on` is missing"),
        ("actions/checkout@v4", "checkout", "job build: step 1: checkout names no action at a version"),
        ("actions/own", "actions/other", "job build: step 2: ./.github/actions/other is not in the repository"),
        ("- run: make", "- name: make", "job build: step 5: it needs one of `uses` and `run`"),
        ("- run: make", "- make", "job build: step 5: no mapping"),
        ("    uses: acme", "    when: x\n    uses: acme", "job shared: unknown key when"),
        (GOOD, "- a", "it is no YAML mapping"),
        (GOOD, "on: push\njobs: {a: 1}", "job a is no mapping"),
        (GOOD, "on: push\njobs: {a: {runs-on: x}}", "job a: there are no steps"),
    ],
)
def test_a_mistake_is_named(old, new, problem):
    assert problem in list(problems(GOOD.replace(old, new), FILES))
