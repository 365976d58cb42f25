def make(names):
    out = []
    for i in names:
        out.append(sorted(names, key=lambda n: n - i))
    return out
