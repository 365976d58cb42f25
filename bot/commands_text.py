"""What people tell us in comments: the first line, `/selfheal` and one command, nothing else.

Reading is strict on purpose: a comment that only looks like an approval must not merge anything.
"""

from __future__ import annotations

import difflib
from typing import Literal, cast, get_args

from bot.markdown import code, plain
from bot.model import PullRequest, Value
from bot.policy import PERMISSIONS, RepoPolicy, may

PREFIX = "/selfheal"
CommandName = Literal["approve", "hold", "resume", "retry", "reject", "why", "explain", "ignore", "revert", "help"]
NAMES: tuple[CommandName, ...] = get_args(CommandName)
MAX_REASON = 500

# What each command is for, and in which states of the pull request it makes sense.
MEANING: dict[CommandName, tuple[str, tuple[str, ...]]] = {
    "approve": ("approve this head; it is merged once all rules hold", ("open",)),
    "hold": ("stop the merge until `/selfheal resume`", ("open",)),
    "resume": ("end a hold", ("open",)),
    "retry": ("make the fix again on the base branch as it is now", ("open", "closed")),
    "reject": ("`/selfheal reject REASON`: close this and remember why", ("open",)),
    "why": ("say what still blocks the merge, and who can unblock it", ("open", "closed", "merged")),
    "explain": ("show how the cause and the fix were found", ("open", "closed", "merged")),
    "ignore": ("leave this cause alone from now on", ("open", "closed", "merged")),
    "revert": ("take our merge back by a pull request", ("merged",)),
    "help": ("show this list", ("open", "closed", "merged")),
}
FREE: frozenset[CommandName] = frozenset({"why", "explain", "help"})


class Command(Value):
    """One command as it was said; `reason` only with `reject`."""

    name: CommandName
    reason: str = ""


class Unclear(Value):
    """A line that starts like a command and is none: what is wrong, and what would be right."""

    problem: str


class Answer(Value):
    """Whether a command is carried out, and what is answered; every command gets an answer."""

    accepted: bool
    text: str


def parse(body: str) -> Command | Unclear | None:
    """Return the command in the first line of a comment, what is unclear about it, or None when it is no command."""
    line = body.replace("\r", "\n").partition("\n")[0]
    words = line.split()
    if not words or not line.startswith(PREFIX) or words[0] != PREFIX:
        return None
    if len(words) == 1:
        return Command(name="help")
    name, rest = words[1].lower(), " ".join(words[2:])
    if name not in NAMES:
        return Unclear(problem=f"There is no command {code(words[1], most=40)}{_nearest(name)}.")
    if name == "reject":
        return _rejection(rest)
    if rest:
        shown = code(f"{PREFIX} {name}")
        return Unclear(problem=f"{shown} takes nothing after it; say it alone on the first line.")
    return Command(name=cast(CommandName, name))


def _rejection(reason: str) -> Command | Unclear:
    if not reason:
        return Unclear(problem=f"Say why: {code(f'{PREFIX} reject REASON')}. The reason is remembered for this cause.")
    return Command(name="reject", reason=reason[:MAX_REASON])


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, NAMES, n=1)
    return f"; did you mean {code(near[0])}?" if near else f"; {code(f'{PREFIX} help')} lists them"


def needs(name: CommandName, policy: RepoPolicy) -> str:
    """Return the permission that a command asks for: the policy's for `approve`, `write` for what changes something."""
    if name in FREE:
        return "none"
    return max("write", policy.approvals.permission, key=PERMISSIONS.index) if name == "approve" else "write"


def answer(said: Command | Unclear, user: str, permission: str, policy: RepoPolicy, pull: PullRequest) -> Answer:
    """Return whether the command is carried out for a user with a permission read just now, and the reply."""
    if isinstance(said, Unclear):
        return Answer(accepted=False, text=said.problem)
    wanted = needs(said.name, policy)
    if not may(permission, wanted):
        have = permission if permission in PERMISSIONS[1:] else "no"
        text = f"{code(said.name)} needs {wanted} permission, and {code(user)} has {have} permission here."
        return Answer(accepted=False, text=text)
    if pull.state not in MEANING[said.name][1]:
        return Answer(accepted=False, text=f"{code(said.name)} does nothing here: this pull request is {pull.state}.")
    return Answer(accepted=True, text=_done(said, user, pull))


def _done(said: Command, user: str, pull: PullRequest) -> str:
    head = code(pull.head_sha[:12])
    return {
        "approve": f"Approved by {code(user)} for {head}. A later commit makes this approval void.",
        "hold": f"Held by {code(user)}. {code(f'{PREFIX} resume')} ends it.",
        "resume": f"The hold is ended by {code(user)}.",
        "retry": "The fix is made again on the base branch as it is now.",
        "reject": f"Closed by {code(user)}: {plain(said.reason, most=MAX_REASON)}",
        "why": "",
        "explain": "",
        "ignore": f"This cause is left alone from now on, as {code(user)} asked.",
        "revert": "A pull request that takes the merge back is opened.",
        "help": help_text(),
    }[said.name]


def help_text() -> str:
    """Return the list of all commands as Markdown."""
    return "\n".join(f"- {code(f'{PREFIX} {name}')}: {meaning}" for name, (meaning, _) in MEANING.items())
