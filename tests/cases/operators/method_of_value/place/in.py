def f(scores, score):
    ordered = sorted(scores)
    return ordered + 1
