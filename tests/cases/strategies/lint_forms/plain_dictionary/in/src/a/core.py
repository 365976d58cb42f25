def table(pairs):
    out: dict[str, int] = {}
    for key, value in pairs:
        out[key] = value
    return out
