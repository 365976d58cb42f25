# test: assert f("a_b") == "a-b"
def f(name):
    return name
