def f(text):
    return text.match("a+")
