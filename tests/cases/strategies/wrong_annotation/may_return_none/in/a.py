from __future__ import annotations

def find(names: list[str], start: str) -> str:
    for name in names:
        if name.startswith(start): return name
    return None
