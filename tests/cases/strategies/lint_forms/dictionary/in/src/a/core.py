def table(pairs):
    out = {}
    for key, value in pairs:
        if value:
            out[key] = value * 2
    return out
