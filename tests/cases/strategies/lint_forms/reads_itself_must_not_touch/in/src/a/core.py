def table(pairs):
    out = {}
    for key, value in pairs:
        out[key] = out.get(value)
    return out
