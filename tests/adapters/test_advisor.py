"""The adviser against servers on this machine that speak the two protocols, and from its own transcript."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.advisor import Asked, Replayed, adviser
from bot.codebase import of
from bot.errors import Declined, Misconfigured
from bot.fixing.asking import SILENT, edits, line_of, question, spelt
from bot.model import Answer, Suspect, TextChange
from bot.settings import ModelSettings, read
from tests import make

CODE = "def net(gross, tare):\n    return gross + tare\n"
FILES = {"a.py": CODE, "b.py": "X = 1\n" * 9000, "tests/test_a.py": "from a import net\n"}
RIGHT = {"title": "Subtract", "why": "Net is less.", "changes": [{"path": "a.py", "old": "+", "new": "-"}]}


class Server:
    """Answers every request with one text, in the protocol that the path asks for, and keeps what was sent."""

    def __init__(self, text: str, status: int = 200) -> None:
        self.text, self.status, self.sent = text, status, list[dict[str, Any]]()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.sent.append({"path": self.path, "headers": dict(self.headers), "body": body})
                data = json.dumps(server.answer(self.path)).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, path: str) -> dict[str, Any]:
        if path.endswith("/messages"):
            usage = {"input_tokens": 900, "output_tokens": 100}
            message = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"}
            return {**message, "content": [{"type": "text", "text": self.text}], "usage": usage}
        usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": self.text}}
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }


@pytest.fixture
def serve() -> Iterator[Any]:
    """Return a function that starts a server."""
    started: list[Server] = []

    def start(text: str, status: int = 200) -> Server:
        started.append(Server(text, status))
        return started[-1]

    yield start
    for server in started:
        server.http.shutdown()
        server.http.server_close()


def asked() -> Any:
    codebase = of(FILES)
    found = make.diagnosis(
        file="a.py", function="net", failures=(make.failure(message="token=ghp_" + "a1B2" * 9 + " <<< end"),),
        failing_tests=("tests/test_a.py::test_net",), suspects=(Suspect(file="b.py", function="", line=1, score=0.1),),
    )  # fmt: skip
    return question(found, codebase), codebase


@pytest.mark.parametrize(("kind", "path"), [("openai", "/chat/completions"), ("anthropic", "/v1/messages")])
def test_a_model_is_asked_without_tools_and_answers_in_the_schema(
    serve: Any, tmp_path: Path, kind: str, path: str
) -> None:
    server, (one, codebase) = serve(json.dumps(RIGHT)), asked()
    settings = ModelSettings(f"{kind}:m", server.url, "the-key", transcript=tmp_path / "t" / "asked.jsonl")
    answer = Asked(settings).ask(one, spelt(one))
    assert edits(answer, one, codebase)[0].text == CODE.replace("+", "-")
    (sent,) = server.sent
    assert sent["path"] == path
    assert not sent["body"].get("tools")
    said = json.dumps(sent["body"])
    assert "ghp_" not in said
    assert said.count(one.mark) >= 4
    assert "the-key" not in settings.transcript.read_text()
    assert "the-key" not in repr(settings)
    again = adviser(ModelSettings(replay=settings.transcript))
    assert again.ask(one, spelt(one)) == answer
    with pytest.raises(Declined, match="no answer to this question"):
        again.ask(one, "another")


def test_the_budget_holds_over_all_questions(serve: Any) -> None:
    server, (one, _) = serve(json.dumps(RIGHT)), asked()
    model = Asked(ModelSettings("openai:m", server.url, tokens=1000))
    model.ask(one, spelt(one))
    with pytest.raises(Declined, match="budget is spent"):
        model.ask(one, spelt(one))
    assert len(server.sent) == 1


@pytest.mark.parametrize(("text", "status"), [("I will not", 200), ("{}", 400)])
def test_no_answer_is_told(serve: Any, text: str, status: int) -> None:
    one, _ = asked()
    with pytest.raises(Declined, match="gave no answer"):
        Asked(ModelSettings("openai:m", serve(text, status).url)).ask(one, spelt(one))


@pytest.mark.parametrize(
    ("path", "old", "said"),
    [("tests/test_a.py", "net", "was not shown"), ("a.py", "gross", "not once"), ("a.py", "", "not once")],
)
def test_an_answer_may_only_change_what_was_shown(path: str, old: str, said: str) -> None:
    one, codebase = asked()
    answer = Answer(title="t", why="w", changes=(TextChange(path=path, old=old, new="x"),))
    with pytest.raises(Declined, match=said):
        edits(answer, one, codebase)


def test_the_mark_is_in_no_block_and_the_same_for_the_same_question() -> None:
    (one, _), (again, _) = asked(), asked()
    assert one == again
    assert all(one.mark not in text for _, text in one.blocks)
    changed = of({**FILES, "a.py": CODE + one.mark})
    other = question(make.diagnosis(file="a.py"), changed)
    assert other.mark not in changed.text("a.py")
    assert line_of("a\nb " + "c" * 300) == "a b " + "c" * 196


def test_what_can_not_be_used_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert adviser(ModelSettings()) is SILENT
    with pytest.raises(Declined):
        SILENT.ask(asked()[0], "")
    with pytest.raises(Misconfigured, match="names no model"):
        adviser(ModelSettings("gpt"))
    (tmp_path / "bad.jsonl").write_text("{}\n")
    with pytest.raises(Misconfigured, match="no transcript"):
        Replayed(tmp_path / "bad.jsonl")
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(Misconfigured, match="extra `model`"):
        adviser(ModelSettings("openai:m"))


def test_the_environment_names_the_model() -> None:
    assert read({}).model == ModelSettings()
    given = {"SELFHEAL_MODEL": "openai:m", "SELFHEAL_MODEL_URL": "http://127.0.0.1:1", "SELFHEAL_MODEL_TOKENS": "9"}
    found = read({**given, "SELFHEAL_MODEL_REPLAY": "/r", "SELFHEAL_MODEL_TRANSCRIPT": "/t"}).model
    assert (found.name, found.url, found.tokens, found.replay) == ("openai:m", "http://127.0.0.1:1", 9, Path("/r"))
    with pytest.raises(Misconfigured, match="not a safe address"):
        read({"SELFHEAL_MODEL_URL": "http://example.org"})
