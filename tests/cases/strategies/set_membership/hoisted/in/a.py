def common(a, path):
    known = list(path)
    out = []
    for item in a:
        if item in known:
            out.append(item)
    return out, known
