"""What people said on a pull request, noted in one comment of ours. Pure.

It is kept where people see it: a comment with one hidden line for each approval and hold, so that it survives our own
database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import re2

KIND = "steering"
_APPROVED = re2.compile(r"^<!-- selfheal:approved ([A-Za-z0-9_.\[\]-]+) ([0-9a-f]{7,64}) -->$")
_HELD = re2.compile(r"^<!-- selfheal:held ([A-Za-z0-9_.\[\]-]+) -->$")
_CAUSE = re2.compile(r"<!-- selfheal:([0-9a-f]{8}):fix -->")


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
