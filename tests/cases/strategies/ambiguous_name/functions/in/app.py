def read(lines):
    out = []
    for l in lines:
        out.append(l.strip())
    I = len(out)
    return out[:I], f"{I}"


def kept(rows):
    l = [row for row in rows]
    O = sorted(l)
    return lambda: (l, O)


def scaled(l, item=1):
    return l * item


PARTS = [l.upper() for l in "ab"]
