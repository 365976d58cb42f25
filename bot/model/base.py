"""What every value has in common: frozen, strict about its keys, identified by its content."""

from __future__ import annotations

import hashlib
import json
from typing import Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError


class Value(BaseModel):
    """A frozen value made by one stage; unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def as_json(self) -> str:
        """Return the value as one line of JSON, keys named as in the contracts; `from_json` reads it again."""
        try:
            return self.model_dump_json(by_alias=True)
        except PydanticSerializationError:
            # A byte of a file that is no UTF-8 stands in text as a lone surrogate, which only an escape can carry.
            return json.dumps(self.model_dump(mode="json", by_alias=True), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the value that `as_json` wrote; raises pydantic's `ValidationError` when it is none of this kind."""
        return cls.model_validate(json.loads(text)) if "\\ud" in text else cls.model_validate_json(text)


def digest(data: bytes) -> str:
    """Return the sha256 of `data` as 64 hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(*parts: str, length: int = 8) -> str:
    """Return `length` hexadecimal characters that are the same for the same parts in the same order."""
    return digest("\x1f".join(parts).encode("utf-8", "surrogatepass"))[:length]
