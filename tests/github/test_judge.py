"""The judge finds what breaks GitHub's description, in requests and in answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.github import judge
from tests.github.cut import cut

HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "self-healing-bot/0",
    "Content-Type": "application/json",
}
REPO = "/repos/acme/depot"
RUN = {"name": "selfheal", "head_sha": "a" * 40}


def judged(method: str, path: str, body: Any = None, **query: str) -> list[str]:
    data = b"" if body is None else json.dumps(body).encode()
    return judge.request(method, REPO + path, {key: [one] for key, one in query.items()}, HEADERS, data)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/check-runs", RUN),
        ("GET", "/contents/a/b.py", None),
        ("GET", "/git/ref/heads/auto-fix/x", None),
        ("PUT", "/pulls/1/merge", {"sha": "a" * 40, "merge_method": "squash"}),
    ],
)
def test_what_is_described_passes(method: str, path: str, body: Any) -> None:
    assert judged(method, path, body) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/check-runs", {"name": "x"}, "head_sha"),
        ("POST", "/check-runs", {**RUN, "conclusion": "failed"}, "conclusion"),
        ("POST", "/check-runs", {**RUN, "colour": "red"}, "colour of the body is not described"),
        ("POST", "/check-runs", {**RUN, "output": {"title": "t", "summary": "s", "tone": 1}}, "output.tone"),
        ("POST", "/pulls", {"title": "x", "head": "a", "base": 1}, "base"),
        ("PUT", "/pulls/1/merge", {"merge_method": "fast-forward"}, "merge_method"),
        ("POST", "/deployments", {}, "ref"),
        ("POST", "/issues/1/comments", None, "the body is missing"),
        ("GET", "/pulls", {"state": "open"}, "a GET has a body"),
        ("GET", "/nonsense", None, "is not described"),
        ("GET", "/pulls/one", None, "pull_number"),
        ("DELETE", "/git/refs/heads/x", {"force": True}, "a body is not described"),
    ],
)
def test_what_is_not_described_is_found(method: str, path: str, body: Any, said: str) -> None:
    assert any(said in one for one in judged(method, path, body))


def test_parameters_and_headers_are_judged() -> None:
    assert any("per_page" in one for one in judged("GET", "/pulls", per_page="abc"))
    assert any("size is not described" in one for one in judged("GET", "/pulls", size="3"))
    assert any("state" in one for one in judged("GET", "/pulls", state="ajar"))
    bare = judge.request("GET", f"{REPO}/pulls", {}, {}, b"")
    assert [one for word in ("Accept", "Api-Version", "User-Agent") for one in bare if word in one] == bare


def test_an_answer_is_completed_and_cut_to_what_is_described() -> None:
    name = "GET /repos/{owner}/{repo}/pulls/{pull_number}"
    pull = {"number": 1, "state": "open", "secret": 1, "user": {"login": "ann", "shoe": 44}, "labels": [{"name": "x"}]}
    made = judge.shaped(name, 200, pull)
    assert judge.answer(name, 200, made) == []
    assert made["number"] == 1
    assert "secret" not in made
    assert "shoe" not in made["user"]
    assert made["user"]["login"] == "ann"
    assert judge.answer(name, 200, {**made, "number": "one"})
    assert judge.answer(name, 203, made)


@pytest.mark.parametrize("name", sorted(judge.DESCRIPTION["operations"]))
def test_every_described_answer_can_be_made(name: str) -> None:
    for code, schema in judge.DESCRIPTION["operations"][name]["answers"].items():
        if schema is not None and int(code) < 300 and "git/ref" not in name:
            assert judge.answer(name, int(code), judge.shaped(name, int(code), judge.example(schema))) == []


def test_the_cut_keeps_what_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.github.cut.USED", {"GET /things/{id}"})
    thing = {"type": "object", "description": "prose", "properties": {"of": {"$ref": "#/components/schemas/Other"}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    found = cut(
        {
            "paths": {
                "/things/{id}": {
                    "get": {
                        "parameters": [{"$ref": "#/components/parameters/id"}],
                        "responses": {"200": answer},
                    }
                }
            },
            "components": {
                "parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}},
                "schemas": {
                    "Thing": thing,
                    "Other": {"type": "string", "nullable": True, "enum": ["a"]},
                    "Unused": {"type": "string"},
                },
            },
        }
    )
    assert found["definitions"] == {
        "Other": {"type": ["string", "null"], "enum": ["a", None]},
        "Thing": {"type": "object", "properties": {"of": {"$ref": "#/definitions/Other"}}},
    }
    assert found["operations"]["GET /things/{id}"]["parameters"][0]["schema"] == {"type": "integer"}
