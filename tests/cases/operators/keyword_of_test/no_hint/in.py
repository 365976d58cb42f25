def f(read, default):
    return read("a")
