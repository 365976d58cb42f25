def f(words):
    return list(words)
