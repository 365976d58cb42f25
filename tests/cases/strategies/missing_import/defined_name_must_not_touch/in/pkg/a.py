def read(text, json=None):
    if json is None:
        import json
    return json.loads(text)
