import json


def load(text: str) -> dict[str, int]:
    return json.loads(text)
