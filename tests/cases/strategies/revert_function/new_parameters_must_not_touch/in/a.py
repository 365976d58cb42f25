def total(xs, start=0):
    return start + sum([x for x in xs])
