def f(counts):
    return max(counts.values())
