def f():
    name = "a" + "b"
    return name
