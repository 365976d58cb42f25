"""Commands and buttons carried out: permission asked at execution, every command answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot import commands_text, policy, remarks
from bot.adapters.github_people import login
from bot.commands_text import Answer, Command, Unclear
from bot.errors import BotError, Misconfigured
from bot.markdown import plain
from bot.messages import marker
from bot.model import CheckState, PullRequest
from bot.notes import KIND, cause_in
from bot.serve.places import Place

Data = Mapping[str, Any]
POLICY_CHECK = "selfheal policy"


def command(place: Place, data: Data) -> str:
    """Carry out the command in a comment on one of our pull requests and answer it; comments of bots are ignored.

    Returns the name of the command that was carried out, or an empty text.
    """
    said, number = commands_text.parse(str(data["line"])), int(data["number"])
    found = place.client.get(f"/pulls/{number}", missing=True)
    if said is None or data.get("bot") or not found or login(found) != place.forge.login:
        return ""
    answer = carried_out(place, number, said, str(data["user"]))
    reply(place, data, answer.text)
    return said.name if answer.accepted and isinstance(said, Command) else ""


def button(place: Place, number: int, data: Data) -> str:
    """Carry out a button of our check run for a person who may; returns the name of what was carried out."""
    words = f"{commands_text.PREFIX} {data['action']}"
    said = commands_text.parse(f"{words} by button" if data["action"] == "reject" else words)
    if said is None:
        return ""
    answer = carried_out(place, number, said, str(data["user"]))
    place.forge.comment(number, f"<!-- selfheal:answer:{data['key']} -->", answer.text)
    return said.name if answer.accepted and isinstance(said, Command) else ""


def carried_out(place: Place, number: int, said: Command | Unclear, user: str) -> Answer:
    """Do what a command says, if its author may, and return the answer; an expected error becomes the answer."""
    pull = place.forge.pull_request(number)
    answer = commands_text.answer(said, user, place.forge.permission(user), place.policy, pull)
    if not answer.accepted or isinstance(said, Unclear):
        return answer
    try:
        return Answer(accepted=True, text=DOING.get(said.name, _nothing)(place, pull, user) or answer.text)
    except BotError as error:
        return Answer(accepted=False, text=f"That did not work: {plain(error.explained())}")


def reply(place: Place, data: Data, text: str) -> None:
    """Answer a command under its own mark, so that a repeated delivery answers once."""
    place.forge.comment(int(data["number"]), f"<!-- selfheal:answer:{data['comment']} -->", text)


def _approve(place: Place, pull: PullRequest, user: str) -> str:
    _note(place, pull.number, place.forge.notes(pull.number).approve(user, pull.head_sha))
    return ""


def hold(place: Place, number: int, user: str) -> None:
    """Hold a pull request of ours, as somebody or something asked for; others are left alone."""
    found = place.client.get(f"/pulls/{number}", missing=True)
    if found and login(found) == place.forge.login:
        _note(place, number, place.forge.notes(number).hold(user))


def _hold(place: Place, pull: PullRequest, user: str) -> str:
    _note(place, pull.number, place.forge.notes(pull.number).hold(user))
    return ""


def _resume(place: Place, pull: PullRequest, user: str) -> str:
    _note(place, pull.number, place.forge.notes(pull.number).resume())
    return ""


def _close(place: Place, pull: PullRequest, user: str) -> str:
    if pull.state == "open":
        place.client.write("PATCH", f"/pulls/{pull.number}", {"state": "closed"})
    return ""


def _ignore(place: Place, pull: PullRequest, user: str) -> str:
    mark(place, pull.number, "ignored")
    return _close(place, pull, user)


def _retry(place: Place, pull: PullRequest, user: str) -> str:
    if pull.state != "closed" and not pull.taken_over:
        return ""
    mark(place, pull.number, "released")
    return "The fix is made again on the base branch as it is now, in a pull request of its own; this one is yours."


def mark(place: Place, number: int, kind: str) -> None:
    """Leave a hidden mark on a pull request of ours, once, by which later deliveries of its cause know."""
    body = str(place.client.get(f"/pulls/{number}").get("body") or "")
    text = marker(cause_in(body), kind)
    if text not in body:
        place.client.write("PATCH", f"/pulls/{number}", {"body": f"{text}\n{body}"})


def _why(place: Place, pull: PullRequest, user: str) -> str:
    return (
        _status(place, pull.number) or "Nothing is known yet; the check run `selfheal` says more after the first look."
    )


def _explain(place: Place, pull: PullRequest, user: str) -> str:
    return "The description of this pull request holds the cause, the evidence and what was not checked."


def _revert(place: Place, pull: PullRequest, user: str) -> str:
    merge = place.forge.merged(pull.number)
    if merge is None:
        return "This is not merged, so there is nothing to take back."
    made = place.forge.revert(merge, f"Revert pull request {pull.number}", f"Asked for by `{user}`.")
    return f"Opened #{made.number}, which takes the merge back."


def _nothing(place: Place, pull: PullRequest, user: str) -> str:
    return ""


def _status(place: Place, number: int) -> str:
    for comment in place.client.pages(f"/issues/{number}/comments"):
        if login(comment) == place.forge.login and ":status -->" in (comment.get("body") or ""):
            lines = str(comment["body"]).splitlines()
            return "\n".join(line for line in lines if not line.startswith("<!-- selfheal:"))
    return ""


def _note(place: Place, number: int, notes: Any) -> None:
    cause = cause_in(str(place.client.get(f"/pulls/{number}").get("body") or "")) or f"{number:08x}"
    place.forge.comment(number, marker(cause, KIND), notes.text(cause))


Doing = Callable[[Place, PullRequest, str], str]
DOING: dict[str, Doing] = {
    "approve": _approve,
    "hold": _hold,
    "resume": _resume,
    "reject": _close,
    "ignore": _ignore,
    "retry": _retry,
    "why": _why,
    "explain": _explain,
    "revert": _revert,
}


def check_policy(place: Place, sha: str) -> None:
    """Write a check on a commit that changes the policy file: in order, or broken with line and key."""
    text = place.forge.text(policy.FILE, sha)
    if text is None or text == place.forge.text(policy.FILE, place.forge.default_branch()):
        return
    try:
        policy.load(text)
        conclusion, said = "success", "The policy is in order."
    except Misconfigured as error:
        conclusion, said = "failure", plain(error.explained())
    notes = remarks.of_policy(policy.problems(text))
    made = CheckState(name=POLICY_CHECK, status="completed", conclusion=conclusion, annotations=notes)
    place.forge.report(sha, made, said)
