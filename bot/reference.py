"""The reference pages, made from the code: `python -m bot.reference docs` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bot import conductor, policy
from bot.cli import COMMANDS
from bot.proof import evidence
from bot.registry import Unit, units

NOTE = "<!-- Made from the code by `python -m bot.reference docs`; change the code instead. -->"
FAMILIES = {
    "strategy": (
        "strategies.md",
        "Strategies",
        "One repair each. `trust` is the most it may claim, policies lower it.",
    ),
    "rule": ("rules.md", "Approval rules", "All are asked; deny wins. `stage` says what a no blocks."),
    "gate": (
        "gates.md",
        "Diff gate",
        "What a patch must not do, whoever wrote it. A strategy that declares to touch `kind` lifts the rule.",
    ),
    "parser": ("parsers.md", "Parsers", "The dialects of logs and reports that are understood."),
    "detector": ("detectors.md", "Detectors", "One for each type of anomaly."),
}


def pages() -> dict[str, str]:
    """Return all reference pages by file name."""
    made = {
        "handlers.md": handlers(),
        "commands.md": commands(),
        "policy.md": policy_page(),
        "evidence.md": evidence_page(),
        "recorder.md": recorder_page(),
    }
    for kind, (file, title, about) in FAMILIES.items():
        made[file] = page(title, about, [unit_text(unit) for unit in units(kind).values()])
    return made


def page(title: str, about: str, parts: list[str]) -> str:
    """Return one page as Markdown."""
    return "\n\n".join([f"# {title}", NOTE, about, *parts]) + "\n"


def unit_text(unit: Unit) -> str:
    """Return the section of one unit: its name, properties and documentation."""
    properties = [f"- {key}: {_text(value)}" for key, value in sorted(unit.about.items()) if value != ""]
    return "\n\n".join([f"## {unit.name}", *(["\n".join(properties)] if properties else []), unit.doc])


def _text(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, tuple | list | frozenset) else str(value)


def handlers() -> str:
    """Return the page of the seventy handlers, sequence by sequence."""
    from bot.commands.lists import in_order

    parts = []
    for plan in in_order(conductor.load_all()):
        rows = [
            f"| {part.beat.beat} | `{part.beat.handler}` | {part.beat.kind} | {', '.join(part.takes) or '-'} "
            f"| {', '.join(part.gives)} | {part.unit.summary} |"
            for part in plan.parts
        ]
        head = ["| beat | handler | kind | takes | gives | |", "|---|---|---|---|---|---|"]
        parts.append("\n".join([f"## {plan.sequence.id}", "", plan.sequence.description, "", *head, *rows]))
    return page("Handlers", "Seventy handlers in seven sequences; `bot/stages/` holds them in this order.", parts)


def commands() -> str:
    """Return the page of the commands."""
    rows = [f"- `selfheal {name}`: {summary}" for name, (_, summary) in sorted(COMMANDS.items())]
    return page("Commands", "`selfheal COMMAND --help` lists the options.", ["\n".join(rows)])


def policy_page() -> str:
    """Return the page of the policy file: its schema, with the defaults."""
    schema = json.dumps(policy.schema(), indent=2)
    return page("Policy", f"`{policy.FILE}`, read from the base branch only.", [f"```json\n{schema}\n```"])


def evidence_page() -> str:
    """Return the page of the evidence: the schema of what is stored and published for each fix."""
    about = "What `heal --json` gives for each fix under `evidence`, and what is stored with it."
    return page("Evidence", about, [f"```json\n{json.dumps(evidence.schema(), indent=2)}\n```"])


def recorder_page() -> str:
    """Return the page of the recorder: what its file says of itself, and the steps for a workflow."""
    import ast

    from bot import recorder

    said = ast.get_docstring(ast.parse(recorder.HEAD)) or ""
    first, _, rest = said.partition("\n\n")
    parts = [
        f"`selfheal recorder PATH` writes `{recorder.NAME}`.",
        f"{rest}",
        "## In a workflow",
        "The App reads artifacts of red runs, and of green ones of the default branch, whose name holds "
        "`selfheal`, `telemetry` or `coverage`.",
        f"```yaml\n{recorder.SNIPPET}```",
    ]
    return page("Recorder", first, parts)


def write(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
