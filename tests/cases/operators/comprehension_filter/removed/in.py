def f(words):
    return {word for word in words if word and word.isalpha()}
