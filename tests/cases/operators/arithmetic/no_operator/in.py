def f(total):
    return str(total)
