def total(xs):
    out = 0
    for x in xs:
        out += sum([x])
    return out

def run(xs):
    return total(xs)
