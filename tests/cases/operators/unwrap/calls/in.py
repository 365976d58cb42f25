def f(text):
    return -len(text.strip())
