def a(xs):
    out: list[int] = []
    for x in xs:
        if x > 1:
            out.append(x * 2)
    return out


def b(xs):
    out = []
    for x in xs:
        out.append(x)
    return out
