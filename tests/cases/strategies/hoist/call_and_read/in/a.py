import json, re


def f(rows, names, path):
    out = []
    for row in rows:
        config = json.loads(path.read_text())
        if row in set(names) and sorted(names)[0] != row:
            out.append(config[row])
    return out
