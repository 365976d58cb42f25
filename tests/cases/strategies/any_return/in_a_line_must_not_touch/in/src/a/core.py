import json


def load(text: str) -> int:
    if text: return json.loads(text)
    return 1
