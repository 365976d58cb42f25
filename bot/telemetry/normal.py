"""The same things named the same: event kinds and handler names."""

from __future__ import annotations

from functools import lru_cache

STARTED, COMPLETED, ERROR = "beat-started", "beat-completed", "error"
_WORDS = {
    STARTED: "started start begin enter beatstarted handlerstarted",
    COMPLETED: "completed complete finished end exit done success beatcompleted handlercompleted beatend",
    ERROR: "error failed failure exception beaterror beatfailed handlererror",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}


@lru_cache(maxsize=4096)
def kind(event: str) -> str:
    """Return the event's kind: `beat-started`, `beat-completed`, `error`, or the text as it stood."""
    plain = "".join(letter for letter in event.lower() if letter.isalnum())
    return _KINDS.get(plain, event)


@lru_cache(maxsize=65536)
def handler_name(text: str) -> str:
    """Return a handler's name without the blanks, quotes and call brackets that logs put around it."""
    return text.strip().strip("`'\"").removesuffix("()").strip()
