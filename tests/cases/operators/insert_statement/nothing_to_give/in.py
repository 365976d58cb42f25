def f(words):
    return words
