def f(counts, more):
    for key in more:
        del counts[key]
