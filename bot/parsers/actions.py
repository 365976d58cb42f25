"""GitHub Actions itself: actions, versions, inputs and permissions that a workflow got wrong."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._rules import Rule, line, told
from bot.registry import parser

PARENTLESS = r"^(?P<message>fatal: No url found for submodule path '.*' in \.gitmodules)$"  # cleaning up tells it too
RULES = (
    Rule(
        line(r"(?:Failed to resolve action download info\.? (?:Error: )?)?Unable to resolve action\b.*"),
        "actions-config",
        "runner",
        0.95,
    ),
    Rule(
        line(
            r"The workflow is not valid\. (?:In )?(?P<file>[\w./-]+\.ya?ml) \(Line: (?P<line>\d{1,9}), Col: \d+\): .*"
        ),
        "actions-config",
        "runner",
        0.96,
    ),
    Rule(
        line(r"Invalid workflow file: (?P<file>[\w./-]+\.ya?ml)(?:#L(?:1|(?P<line>\d{1,9})))?.*"),
        "actions-config",
        "runner",
        0.96,
    ),
    Rule(
        line(r"batch response: This repository (?:exceeded|is over) its (?:LFS|data) .*"),
        "actions-config",
        "git",
        0.85,
    ),
    Rule(rx(PARENTLESS), "actions-config", "git", 0.6, Weight.HINT, proof=False),
    Rule(rx(r"^ {0,8}Error: " + PARENTLESS[1:]), "actions-config", "git", 0.85),
    Rule(
        line(
            r"This request has been automatically failed because it uses a deprecated version of.*|This is a"
            r" scheduled .* (?:brownout|retirement)\..*|No runner matching the specified labels was found\b.*"
        ),
        "actions-config",
        "runner",
        0.95,
    ),
    Rule(
        line(r"(?:The v|V)ersion '?[\w.+-]+'? with arch(?:itecture)? '?\w+'? (?:was )?not found.*"),
        "actions-config",
        "actions/setup-python",
        0.95,
    ),
    Rule(
        line(
            r"Unable to process file command '\w+' successfully\..*"
            r"|The `(?:set-output|save-state|set-env|add-path)` command is disabled\..*|Unable to process command"
            r" '##\[(?:set-env|add-path)\].*' successfully.*|The .+ runner image (?:was|has been)"
            r" (?:retired|removed).*|You have an error in your yaml syntax.*"
        ),
        "actions-config",
        "runner",
        0.95,
    ),
    Rule(
        line(
            r"(?:Can't find 'action\.ya?ml'|Missing download info for|Invalid workflow file|The workflow is not"
            r" valid|The template is not valid|.*workflow (?:file )?is not valid).*"
        ),
        "actions-config",
        "runner",
        0.95,
    ),
    Rule(line(r".*\(Line: \d+, Col: \d+\): .*"), "actions-config", "runner", 0.9),
    Rule(
        line(r"Input required and not supplied: .*|Unexpected value '.*'|Unrecognized (?:named-value|function): .*"),
        "actions-config",
        "runner",
        0.9,
    ),
    Rule(
        line(r"No file in .* matched to \[.*\], make sure you have checked out the target repository.*"),
        "actions-config",
        "actions/setup-python",
        0.95,
    ),
    Rule(
        line(r"(?:Caching for '.*' is not supported|Cache folder path is retrieved for .* but doesn't exist).*"),
        "actions-config",
        "actions/setup-python",
        0.85,
    ),
    Rule(
        line(r"Unable to (?:download|find) (?:any )?artifact.*|Artifact not found for name: .*|No artifacts? found.*"),
        "actions-config",
        "actions/download-artifact",
        0.85,
    ),
    Rule(line(r"Unable to locate executable file: .*"), "actions-config", "runner", 0.85),
    Rule(
        line(
            r"An error occurred trying to start process '.*' with working directory '.*'.*"
            r"|Failed to CreateArtifact: .* an artifact with this name already exists.*"
        ),
        "actions-config",
        "runner",
        0.9,
    ),
    Rule(
        line(
            r".*(?:Resource not accessible by integration|Bad credentials|Permission to .* denied to github-actions).*"
        ),
        "actions-config",
        "runner",
        0.85,
    ),
    Rule(
        line(
            r".*\b(?:denied: (?:installation not allowed|permission_denied|requested access to the resource is denied)"
            r"|unauthorized: authentication required|insufficient_scope: authorization failed).*"
        ),
        "actions-config",
        "docker",
        0.85,
    ),
    Rule(
        line(
            r"fatal: (?:couldn't find remote ref|repository '.*' not found|Remote branch .* not found|could not"
            r" read Username).*|fatal: Could not read from remote repository.*|A branch or tag with the name '.*'"
            r" could not be found.*"
        ),
        "actions-config",
        "git",
        0.85,
    ),
    Rule(
        line(
            r".*Token required because branch is protected.*|(?:Codecov token not found|Trusted publishing exchange"
            r" failure).*"
        ),
        "actions-config",
        "runner",
        0.8,
    ),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield what the workflow's own configuration broke."""
    yield from told(log, RULES, project)
