def a(xs):
    out = [0]
    for x in xs:
        out.append(x)
    more = []
    for x in xs:
        more.append(len(more))
    last = []
    for x in xs:
        last.append(x)
        print(x)
    return out, more, last


def b(x):
    try:
        return x == 3
    except:
        raise ValueError(x)
