"""Commands and buttons carried out: permission asked at execution, every command answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot import policy
from bot.errors import BotError, Misconfigured
from bot.markdown import plain
from bot.messages import marker
from bot.rules._people import may
from bot.serve.places import Place
from bot.steering import KIND, Command, cause_in, command_of, help_text, needs

Data = Mapping[str, Any]
POLICY_CHECK = "selfheal policy"


def command(place: Place, data: Data) -> None:
    """Carry out the command in a comment on one of our pull requests and answer it; comments of bots are ignored."""
    asked, user = command_of(str(data["line"])), str(data["user"])
    number = int(data["number"])
    pull = place.client.get(f"/pulls/{number}", missing=True)
    if data.get("bot") or not pull or pull["user"]["login"] != place.forge.login:
        return
    if asked is None:
        answer(place, data, f"I don't know that command. These I know:\n\n{help_text()}")
        return
    if not may(place.forge.permission(user), needs(asked)):
        answer(place, data, f"`/selfheal {asked.name}` takes {needs(asked)} permission on this repository.")
        return
    answer(place, data, carried_out(place, number, asked, user))


def button(place: Place, number: int, data: Data) -> None:
    """Carry out a button of our check run for a person with write permission."""
    asked = command_of(f"/selfheal {data['action']}")
    user = str(data["user"])
    if asked is not None and may(place.forge.permission(user), needs(asked)):
        carried_out(place, number, asked, user)


def carried_out(place: Place, number: int, asked: Command, user: str) -> str:
    """Do what a command says and return the answer; an expected error becomes the answer."""
    try:
        return DOING[asked.name](place, number, asked, user)
    except BotError as error:
        return f"That did not work: {plain(error.explained())}"


def answer(place: Place, data: Data, text: str) -> None:
    """Answer a command under its own mark, so that a repeated delivery answers once."""
    place.forge.comment(int(data["number"]), f"<!-- selfheal:answer:{data['comment']} -->", text)


def _approve(place: Place, number: int, _asked: Command, user: str) -> str:
    head = place.forge.pull_request(number).head_sha
    _note(place, number, place.forge.notes(number).approve(user, head))
    return f"`{user}` approved `{head[:10]}`. It is merged once all rules hold; `/selfheal why` says what is missing."


def _hold(place: Place, number: int, _asked: Command, user: str) -> str:
    _note(place, number, place.forge.notes(number).hold(user))
    return "On hold; nothing is merged until `/selfheal resume`."


def _resume(place: Place, number: int, _asked: Command, _user: str) -> str:
    _note(place, number, place.forge.notes(number).resume())
    return "The hold is lifted."


def _reject(place: Place, number: int, asked: Command, user: str) -> str:
    place.client.write("PATCH", f"/pulls/{number}", {"state": "closed"})
    why = f": {plain(asked.rest)}" if asked.rest else ""
    return f"Closed by `{user}`{why}. The cause stays closed until its evidence changes."


def _retry(place: Place, number: int, _asked: Command, _user: str) -> str:
    return "I look again at the base branch as it is now."


def _why(place: Place, number: int, _asked: Command, _user: str) -> str:
    body = _status(place, number)
    return body or "Nothing is known yet; the check run `selfheal` says more when the first look is done."


def _explain(place: Place, number: int, _asked: Command, _user: str) -> str:
    return "The description of this pull request holds the cause, the evidence and what was not checked."


def _help(place: Place, number: int, _asked: Command, _user: str) -> str:
    return help_text()


def _revert(place: Place, number: int, _asked: Command, user: str) -> str:
    merge = place.forge.merged(number)
    if merge is None:
        return "This is not merged, so there is nothing to take back."
    pull = place.forge.revert(merge, f"Revert pull request {number}", f"Asked for by `{user}`.")
    return f"Opened #{pull.number}, which takes the merge back."


def _status(place: Place, number: int) -> str:
    for comment in place.client.pages(f"/issues/{number}/comments"):
        if comment["user"]["login"] == place.forge.login and ":status -->" in (comment.get("body") or ""):
            lines = str(comment["body"]).splitlines()
            return "\n".join(line for line in lines if not line.startswith("<!-- selfheal:"))
    return ""


def _note(place: Place, number: int, notes: Any) -> None:
    cause = cause_in(str(place.client.get(f"/pulls/{number}").get("body") or "")) or f"{number:08x}"
    place.forge.comment(number, marker(cause, KIND), notes.text(cause))


Doing = Callable[[Place, int, Command, str], str]
DOING: dict[str, Doing] = {
    "approve": _approve,
    "hold": _hold,
    "resume": _resume,
    "reject": _reject,
    "ignore": _reject,
    "retry": _retry,
    "why": _why,
    "explain": _explain,
    "help": _help,
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
    data = {
        "name": POLICY_CHECK,
        "head_sha": sha,
        "status": "completed",
        "conclusion": conclusion,
        "output": {"title": policy.FILE, "summary": said},
    }
    listed = place.client.get(f"/commits/{sha}/check-runs?check_name={POLICY_CHECK.replace(' ', '%20')}")["check_runs"]
    if not listed:
        place.client.write("POST", "/check-runs", data)
