"""Comment commands: the grammar, and what people said as it is noted in one comment of ours. Pure.

Only the first line counts. What was said is kept where people see it: a comment with one hidden line for each approval
and hold, so that it survives our own database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import re2

COMMANDS = {
    "approve": "approve this head; it is merged once all rules hold",
    "hold": "stop the merge until `/selfheal resume`",
    "resume": "take a hold back",
    "retry": "make the fix again on the base branch as it is now",
    "reject": "close this, with a REASON, and remember it",
    "why": "say what still blocks the merge, and who can unblock it",
    "explain": "show how the cause and the fix were found",
    "ignore": "leave this cause alone from now on",
    "revert": "open a pull request that takes the merged fix back",
    "help": "list the commands",
}
NEEDS = {"why": "read", "explain": "read", "help": "read"}
USUAL_NEED = "write"
KIND = "steering"
_LINE = re2.compile(r"^/selfheal\s+([a-z]+)(?:\s+(.*))?$")
_APPROVED = re2.compile(r"^<!-- selfheal:approved ([A-Za-z0-9_.\[\]-]+) ([0-9a-f]{7,64}) -->$")
_HELD = re2.compile(r"^<!-- selfheal:held ([A-Za-z0-9_.\[\]-]+) -->$")
_CAUSE = re2.compile(r"<!-- selfheal:([0-9a-f]{8}):fix -->")


@dataclass(frozen=True)
class Command:
    """One command with what follows it on its line."""

    name: str
    rest: str = ""


def command_of(line: str) -> Command | None:
    """Return the command on a comment's first line, or None when there is none that we know."""
    found = _LINE.match(line.strip())
    if found is None or found.group(1) not in COMMANDS:
        return None
    return Command(found.group(1), (found.group(2) or "").strip()[:300])


def needs(command: Command) -> str:
    """Return the permission a command takes."""
    return NEEDS.get(command.name, USUAL_NEED)


def cause_in(body: str) -> str:
    """Return the cause that a pull request of ours is about, or an empty text."""
    found = _CAUSE.search(body)
    return found.group(1) if found else ""


@dataclass(frozen=True)
class Notes:
    """What people said on one pull request: approvals by person with the head they meant, and holds."""

    approvals: tuple[tuple[str, str], ...] = ()
    holds: tuple[str, ...] = ()

    def approve(self, user: str, sha: str) -> Notes:
        """Return the notes with an approval; it replaces an earlier one of the same person and lifts their hold."""
        others = tuple(one for one in self.approvals if one[0] != user)
        return replace(self, approvals=(*others, (user, sha)))

    def hold(self, user: str) -> Notes:
        """Return the notes with a hold."""
        return self if user in self.holds else replace(self, holds=(*self.holds, user))

    def resume(self) -> Notes:
        """Return the notes without holds."""
        return replace(self, holds=())

    def text(self, cause: str) -> str:
        """Return the comment that holds the notes, for people and for us."""
        marks = [f"<!-- selfheal:approved {user} {sha} -->" for user, sha in self.approvals]
        marks += [f"<!-- selfheal:held {user} -->" for user in self.holds]
        said = [f"- approved by `{user}` at `{sha[:10]}`" for user, sha in self.approvals]
        said += [f"- on hold by `{user}`; `/selfheal resume` lifts it" for user in self.holds]
        head = [f"<!-- selfheal:{cause}:{KIND} -->", "What people said:", ""]
        return "\n".join([*head, *(said or ["- nothing"]), "", *marks])


def notes_in(body: str) -> Notes:
    """Return the notes that a comment of ours holds."""
    lines = [line.strip() for line in body.splitlines()]
    approvals = [found.groups() for line in lines if (found := _APPROVED.match(line))]
    holds = [found.group(1) for line in lines if (found := _HELD.match(line))]
    return Notes(tuple((str(user), str(sha)) for user, sha in approvals), tuple(holds))


def help_text() -> str:
    """Return the list of commands as Markdown."""
    return "\n".join(f"- `/selfheal {name}`: {said}" for name, said in COMMANDS.items())
