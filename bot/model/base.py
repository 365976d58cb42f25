"""What every value has in common: frozen, strict about its keys, identified by its content."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value made by one stage; unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def as_json(self) -> str:
        """Return the value as one line of JSON, keys named as in the contracts."""
        return self.model_dump_json(by_alias=True)


def digest(data: bytes) -> str:
    """Return the sha256 of `data` as 64 hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(*parts: str, length: int = 8) -> str:
    """Return `length` hexadecimal characters that are the same for the same parts in the same order."""
    return digest("\x1f".join(parts).encode("utf-8", "surrogatepass"))[:length]
