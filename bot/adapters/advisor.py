"""A language model as an adviser: any OpenAI-compatible endpoint, or Anthropic, through pydantic-ai.

No tools are offered and the answer has to fit a schema. Each question and answer is written to a transcript; with a
transcript to replay from, no request is made at all. What is spent is counted over the life of the adviser.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.errors import Declined, Misconfigured
from bot.fixing.asking import SILENT, Silent
from bot.model import Answer, Question, fingerprint
from bot.settings import ModelSettings

SECONDS = 120.0
MOST_OUTPUT = 4_000  # tokens of one answer


class Replayed:
    """Answers from a transcript; makes no request."""

    on = True

    def __init__(self, transcript: Path) -> None:
        """Read a transcript; raises `Misconfigured` when it is none."""
        try:
            lines = [json.loads(line) for line in transcript.read_text(encoding="utf-8").splitlines() if line.strip()]
            self._answers = {line["key"]: Answer.model_validate(line["answer"]) for line in lines}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Misconfigured(f"{transcript} is no transcript: {error}", hint="Record one first.") from None

    def ask(self, question: Question, text: str) -> Answer:
        """Return the recorded answer; raises `Declined` when the question was never asked."""
        found = self._answers.get(key_of(question, text))
        if found is None:
            raise Declined("the transcript holds no answer to this question")
        return found


class Asked:
    """Asks a model, within a budget of tokens."""

    on = True

    def __init__(self, settings: ModelSettings) -> None:
        """Prepare the client; raises `Misconfigured` when the extra is not installed or the name is not known."""
        try:
            import pydantic_ai
        except ImportError:
            hint = "Install self-healing-bot[model], or unset SELFHEAL_MODEL."
            raise Misconfigured("SELFHEAL_MODEL is set, and the extra `model` is not installed", hint=hint) from None
        self._settings, self._ai = settings, pydantic_ai
        self._model = _model(settings)
        self._left = settings.tokens

    def ask(self, question: Question, text: str) -> Answer:
        """Return the answer and write it down; raises `Declined` when the budget is spent or none came."""
        bound = pydantic_ai_limits(self._ai, self._left)
        try:
            agent = self._ai.Agent(
                self._model,
                output_type=self._ai.PromptedOutput(Answer),
                instructions=question.instructions,
                retries=1,
                model_settings={"max_tokens": min(MOST_OUTPUT, self._left), "timeout": SECONDS},
            )
            done = agent.run_sync(text, usage_limits=bound)
        except self._ai.exceptions.AgentRunError as error:
            self._left = 0 if isinstance(error, self._ai.exceptions.UsageLimitExceeded) else self._left
            raise Declined(f"the model gave no answer: {type(error).__name__}") from None
        used = _used(done)
        self._left -= used
        self._write(question, text, done.output, used)
        return Answer.model_validate(done.output)

    def _write(self, question: Question, text: str, answer: Answer, used: int) -> None:
        if self._settings.transcript is None:
            return
        line = {"key": key_of(question, text), "model": self._settings.name, "tokens": used, "question": text}
        self._settings.transcript.parent.mkdir(parents=True, exist_ok=True)
        with self._settings.transcript.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({**line, "answer": answer.model_dump()}) + "\n")


def pydantic_ai_limits(library: Any, left: int) -> Any:
    """Return the bounds of one question; raises `Declined` when nothing is left."""
    if left <= 0:
        raise Declined("the model's budget is spent", hint="Raise SELFHEAL_MODEL_TOKENS.")
    return library.UsageLimits(request_limit=2, total_tokens_limit=left)


def _used(done: Any) -> int:
    return int(done.usage.total_tokens or 0)


def _model(settings: ModelSettings) -> Any:
    """Return the library's model: `openai:NAME` (any compatible endpoint by its address) or `anthropic:NAME`."""
    kind, _, name = settings.name.partition(":")
    key, address = settings.key or "none", settings.url or None
    if kind == "openai" and name:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIChatModel(name, provider=OpenAIProvider(base_url=address, api_key=key))
    if kind == "anthropic" and name:
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(name, provider=AnthropicProvider(base_url=address, api_key=key))
    hint = "Write openai:NAME or anthropic:NAME."
    raise Misconfigured(f"SELFHEAL_MODEL={settings.name!r} names no model", hint=hint)


def key_of(question: Question, text: str) -> str:
    """Return what a transcript finds an answer by."""
    return fingerprint(question.instructions, text, length=32)


def adviser(settings: ModelSettings) -> Silent | Replayed | Asked:
    """Return the adviser that the settings ask for: none, a transcript, or a model."""
    if settings.replay is not None:
        return Replayed(settings.replay)
    return Asked(settings) if settings.name else SILENT
